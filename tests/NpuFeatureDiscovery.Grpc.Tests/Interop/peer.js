'use strict';
// A gRPC client or server of another make, for NodeTests: npm's @grpc/grpc-js.
const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const { loadSync } = require('@grpc/proto-loader');

const { Echo } = grpc.loadPackageDefinition(loadSync(path.join(__dirname, '../echo.proto'))).test;
const credentials = grpc.credentials.createInsecure();
const untouched = (octets) => octets;

const settled = (start) =>
  new Promise((resolve, reject) => start((error, answer) => (error ? reject(error) : resolve(answer))));

const statusOf = (start) =>
  settled(start).then(() => 'OK', (error) => `${grpc.status[error.code]} ${error.details}`);

const nameOf = async (start) => (await statusOf(start)).split(' ')[0];

async function client(target) {
  const echo = new Echo(target, credentials);
  const compressing = new Echo(target, credentials, { 'grpc.default_compression_algorithm': 2 }); // gzip
  const raw = (method, octets) => (done) => echo.makeUnaryRequest(method, untouched, untouched, octets, done);
  console.log((await settled((done) => echo.once({ value: '안녕' }, done))).items[0].value);
  console.log((await settled((done) => echo.once({ value: 'many' }, done))).items.length);
  console.log(await statusOf((done) => echo.once({ value: 'fail' }, done)));
  console.log(await nameOf((done) => echo.once({ value: 'crash' }, done)));
  console.log(await nameOf((done) => echo.once({ value: 'hang' }, { deadline: Date.now() + 200 }, done)));
  console.log(await nameOf((done) => echo.once({ value: 'x'.repeat(5000000) }, done)));
  console.log(await nameOf((done) => compressing.once({ value: 'y'.repeat(999) }, done)));
  console.log(await statusOf(raw('/test.Echo/Missing', Buffer.alloc(0))));
  console.log(await nameOf(raw('/test.Echo/Once', Buffer.from([0xff]))));
  const stream = echo.stream({});
  const texts = [];
  const error = await new Promise((resolve) => {
    stream.on('error', resolve);
    stream.on('data', (text) => {
      if (texts.push(text.value) === 2) stream.cancel();
    });
  });
  console.log(texts.join(' '));
  console.log(grpc.status[error.code]);
  echo.close();
  compressing.close();
}

function once(call, done) {
  const { value } = call.request;
  if (value === 'fail') done({ code: grpc.status.INVALID_ARGUMENT, details: '100 % wrong:\n안녕' });
  else if (value === 'crash') throw new Error('A handler that has a fault.');
  else if (value !== 'hang') done(null, { items: Array(value === 'many' ? 10000 : 1).fill({ value }) });
}

function stream(call) {
  call.on('cancelled', () => console.log('stream ended'));
  call.write({ value: 'first' });
  call.write({ value: 'second' });
}

function serve(target) {
  const server = new grpc.Server();
  server.addService(Echo.service, { once, stream });
  server.addService(
    {
      malformed: {
        path: '/test.Echo/Malformed', requestStream: false, responseStream: false,
        requestDeserialize: untouched, responseSerialize: untouched,
      },
    },
    { malformed: (call, done) => done(null, Buffer.from([0xff])) });
  server.bindAsync(target, grpc.ServerCredentials.createInsecure(), (error) => {
    if (error) throw error;
    console.log('ready');
  });
}

({ client, serve })[process.argv[2]](process.argv[3]);
