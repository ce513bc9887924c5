"""A gRPC client or server of another make, for PythonTests: Debian's python3-grpcio, which is gRPC's C core."""
import sys
import threading
from concurrent import futures

import grpc

import echo_pb2
import echo_pb2_grpc


def status_of(call):
    try:
        call()
        return "OK"
    except grpc.RpcError as error:
        return f"{error.code().name} {error.details()}"


def client(target):
    with grpc.insecure_channel(target) as channel:
        stub = echo_pb2_grpc.EchoStub(channel)
        print(stub.Once(echo_pb2.Text(value="안녕")).items[0].value)
        print(len(stub.Once(echo_pb2.Text(value="many")).items))
        print(status_of(lambda: stub.Once(echo_pb2.Text(value="fail"))))
        print(status_of(lambda: stub.Once(echo_pb2.Text(value="crash"))).split()[0])
        print(status_of(lambda: stub.Once(echo_pb2.Text(value="hang"), timeout=0.2)).split()[0])
        print(status_of(lambda: stub.Once(echo_pb2.Text(value="x" * 5000000))).split()[0])
        print(status_of(lambda: stub.Once(echo_pb2.Text(value="y" * 999), compression=grpc.Compression.Gzip)).split()[0])
        print(status_of(lambda: channel.unary_unary("/test.Echo/Missing")(b"")))
        print(status_of(lambda: channel.unary_unary("/test.Echo/Once")(b"\xff")).split()[0])
        stream = stub.Stream(echo_pb2.Text())
        print(next(stream).value, next(stream).value)
        stream.cancel()
        print(status_of(lambda: next(stream)).split()[0])


class Echo(echo_pb2_grpc.EchoServicer):
    def Once(self, request, context):
        if request.value == "fail":
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "100 % wrong:\n안녕")
        if request.value == "crash":
            raise RuntimeError("A handler that has a fault.")
        if request.value == "hang":
            ended = threading.Event()
            context.add_callback(ended.set)
            ended.wait()
        return echo_pb2.Texts(items=[request] * (10000 if request.value == "many" else 1))

    def Stream(self, request, context):
        ended = threading.Event()
        context.add_callback(ended.set)
        # A call that ends early is not taken up again after the yield.
        context.add_callback(lambda: print("stream ended", flush=True))
        yield echo_pb2.Text(value="first")
        yield echo_pb2.Text(value="second")
        ended.wait()


def serve(target):
    server = grpc.server(futures.ThreadPoolExecutor(4))
    echo_pb2_grpc.add_EchoServicer_to_server(Echo(), server)
    malformed = grpc.unary_unary_rpc_method_handler(lambda request, context: b"\xff")
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("test.Echo", {"Malformed": malformed})])
    server.add_insecure_port(target)
    server.start()
    print("ready", flush=True)
    sys.stdin.read()
    server.stop(None)


if __name__ == "__main__":
    {"client": client, "serve": serve}[sys.argv[1]](sys.argv[2])
