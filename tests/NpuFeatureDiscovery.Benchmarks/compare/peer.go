// A gRPC client and server that are not ours, to measure a device plugin with: grpc-go, as in the kubelet. Prints JSON.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"time"

	"github.com/golang/protobuf/proto"
	"google.golang.org/grpc"
)

const usage = "allocate SOCKET CALLS | list SOCKET ROUNDS | start FOLDER SOCKET-NAME COMMAND... | " +
	"stub FOLDER UNITS NODES | kubelet FOLDER..."

func main() {
	log.SetFlags(0)
	if len(os.Args) < 3 {
		log.Fatal(usage)
	}
	switch os.Args[1] {
	case "allocate":
		allocate(os.Args[2], number(3))
	case "list":
		list(os.Args[2], number(3))
	case "start":
		start(os.Args[2], os.Args[3], os.Args[4:])
	case "stub":
		stub(os.Args[2], number(3), number(4))
	case "kubelet":
		watch(os.Args[2:])
	default:
		log.Fatal(usage)
	}
}

// One call of one device after the other, on one connection.
func allocate(socket string, calls int) {
	connection := dial(socket)
	client := NewDevicePluginClient(connection)
	units := first(client).Devices
	request := &AllocateRequest{ContainerRequests: []*ContainerAllocateRequest{{DeviceIds: []string{units[0].Id}}}}
	var answer *AllocateResponse
	took := times(calls, func() {
		var err error
		answer, err = client.Allocate(context.Background(), request)
		must(err)
	})
	report(map[string]float64{
		"units": float64(len(units)), "p50": at(took, 50), "p99": at(took, 99), "bytes": float64(proto.Size(answer)),
	})
}

// The first message of a stream: on a connection that is open already, and on one of its own.
func list(socket string, rounds int) {
	connection := dial(socket)
	client := NewDevicePluginClient(connection)
	message := first(client)
	open := times(rounds, func() { first(client) })
	dialled := times(rounds, func() {
		own := dial(socket)
		first(NewDevicePluginClient(own))
		own.Close()
	})
	report(map[string]float64{
		"units": float64(len(message.Devices)), "p50": at(open, 50), "dial p50": at(dialled, 50),
	})
}

// Runs a plugin as its kubelet: how long from its exec until it registers, and until a client that tries has the devices.
func start(folder, socketName string, command []string) {
	kubelet := &kubelet{folder, make(chan time.Time, 1)}
	kubelet.serve()
	socket := filepath.Join(folder, socketName)
	os.Remove(socket)
	plugin := exec.Command(command[0], command[1:]...)
	began := time.Now()
	must(plugin.Start())
	for {
		if probe, err := net.Dial("unix", socket); err == nil {
			probe.Close()
			break
		}
		if time.Since(began) > 30*time.Second {
			log.Fatalf("%s is not served after 30 s.", socket)
		}
		time.Sleep(200 * time.Microsecond)
	}
	first(NewDevicePluginClient(dial(socket)))
	served := time.Since(began)
	registered := (<-kubelet.registered).Sub(began)
	must(plugin.Process.Kill())
	plugin.Wait()
	report(map[string]float64{"registered": milliseconds(registered), "served": milliseconds(served)})
}

// Is the kubelet of each folder: keeps a stream of each plugin open.
func watch(folders []string) {
	for _, folder := range folders {
		(&kubelet{folder, make(chan time.Time, 1)}).serve()
	}
	select {}
}

type kubelet struct {
	folder     string
	registered chan time.Time
}

func (k *kubelet) serve() {
	server := grpc.NewServer()
	RegisterRegistrationServer(server, k)
	serve(server, filepath.Join(k.folder, "kubelet.sock"))
}

func (k *kubelet) Register(_ context.Context, request *RegisterRequest) (*Empty, error) {
	select {
	case k.registered <- time.Now():
	default:
	}
	go k.follow(filepath.Join(k.folder, request.Endpoint))
	return &Empty{}, nil
}

func (k *kubelet) follow(socket string) {
	connection := dial(socket)
	defer connection.Close()
	stream, err := NewDevicePluginClient(connection).ListAndWatch(context.Background(), &Empty{})
	for err == nil {
		_, err = stream.Recv()
	}
}

// The least that a plugin can do: a list and an answer that are made once. What it costs is the price of gRPC.
func stub(folder string, units, nodes int) {
	plugin := &plugin{}
	for i := 0; i < units; i++ {
		plugin.list.Devices = append(plugin.list.Devices, &Device{
			Id: fmt.Sprintf("DA2F5D3F-E0BC-4C47-B82B-7E21D8%06X-pe0", i), Health: "Healthy",
			Topology: &TopologyInfo{Nodes: []*NumaNode{{}}},
		})
	}
	container := &ContainerAllocateResponse{}
	for i := 0; i < nodes; i++ {
		path := fmt.Sprintf("/dev/rngd/npu0node%d", i)
		container.Devices = append(container.Devices, &DeviceSpec{ContainerPath: path, HostPath: path, Permissions: "rw"})
	}
	plugin.answer.ContainerResponses = []*ContainerAllocateResponse{container}
	server := grpc.NewServer()
	RegisterDevicePluginServer(server, plugin)
	serve(server, filepath.Join(folder, "stub"))
	if socket := filepath.Join(folder, "kubelet.sock"); exists(socket) {
		request := &RegisterRequest{Version: "v1beta1", Endpoint: "stub", ResourceName: "example.com/stub"}
		_, err := NewRegistrationClient(dial(socket)).Register(context.Background(), request)
		must(err)
	}
	select {}
}

type plugin struct {
	UnimplementedDevicePluginServer
	list   ListAndWatchResponse
	answer AllocateResponse
}

func (p *plugin) ListAndWatch(_ *Empty, stream DevicePlugin_ListAndWatchServer) error {
	if err := stream.Send(&p.list); err != nil {
		return err
	}
	<-stream.Context().Done()
	return nil
}

func (p *plugin) Allocate(context.Context, *AllocateRequest) (*AllocateResponse, error) {
	return &p.answer, nil
}

// By the bare path, so that it is the :authority too, as that of kubelets before 1.26.
func dial(socket string) *grpc.ClientConn {
	connection, err := grpc.Dial(socket, grpc.WithInsecure(), grpc.WithContextDialer(
		func(ctx context.Context, path string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		}))
	must(err)
	return connection
}

func serve(server *grpc.Server, socket string) {
	os.Remove(socket)
	listener, err := net.Listen("unix", socket)
	must(err)
	go server.Serve(listener)
}

// Empty messages do not count: some plugins begin with one.
func first(client DevicePluginClient) *ListAndWatchResponse {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	stream, err := client.ListAndWatch(ctx, &Empty{})
	must(err)
	for {
		message, err := stream.Recv()
		must(err)
		if len(message.Devices) > 0 {
			return message
		}
	}
}

// Sorted.
func times(count int, do func()) []time.Duration {
	took := make([]time.Duration, count)
	for i := range took {
		began := time.Now()
		do()
		took[i] = time.Since(began)
	}
	sort.Slice(took, func(i, j int) bool { return took[i] < took[j] })
	return took
}

// In microseconds.
func at(took []time.Duration, percent int) float64 {
	return float64(took[(len(took)*percent+99)/100-1].Nanoseconds()) / 1000
}

func milliseconds(duration time.Duration) float64 { return float64(duration.Microseconds()) / 1000 }

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

func report(figures map[string]float64) { must(json.NewEncoder(os.Stdout).Encode(figures)) }

func number(argument int) int {
	if argument >= len(os.Args) {
		log.Fatal(usage)
	}
	value, err := strconv.Atoi(os.Args[argument])
	must(err)
	return value
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
