// @kubernetes/client-node against racebed serve. Environment: KUBECONFIG, CONTROL (its control port), CLIENT_NODE
// (the folder that scripts/test-clients.sh installed the package into). Run by tests/e2e/client_node_test.cpp.
import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const k8s = await import(pathToFileURL(`${process.env.CLIENT_NODE}/node_modules/@kubernetes/client-node/dist/index.js`));

const bound = { timeout: 60_000 };
const namespace = 'default';

function config(server) {
  const kc = new k8s.KubeConfig();
  kc.loadFromFile(process.env.KUBECONFIG);
  if (server) kc.clusters = kc.clusters.map((cluster) => ({ ...cluster, server }));
  return kc;
}

const core = config().makeApiClient(k8s.CoreV1Api);
const custom = config().makeApiClient(k8s.CustomObjectsApi);
const requests = { group: 'notification.kubernaut.ai', version: 'v1alpha1', namespace, plural: 'notificationrequests' };
const spec = { type: 'simple', priority: 'low', recipients: [{ slack: '#x' }], subject: 's', body: 'b', channels: ['console'] };

const configMap = (name, data = {}) => ({ metadata: { name }, data });
const create = (name, data) => core.createNamespacedConfigMap({ namespace, body: configMap(name, data) });
const remove = (name) => core.deleteNamespacedConfigMap({ namespace, name });

/** Asks again until `holds()`; the test's own time-out is the bound. */
async function until(holds) {
  while (!holds()) await new Promise((again) => setTimeout(again, 10));
}

/** Rejects with an ApiException of that code whose body is a Status with that reason. */
async function refuses(promise, code, reason) {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof k8s.ApiException, `${error}`);
    assert.equal(error.code, code);
    const status = typeof error.body === 'string' ? JSON.parse(error.body) : error.body;
    assert.equal(status.kind, 'Status');
    assert.equal(status.reason, reason);
    assert.equal(status.code, code);
    return true;
  });
}

/** A way to the server that can be cut, and stay cut. */
async function cuttableWay() {
  const target = new URL(config().getCurrentCluster().server);
  const sockets = new Set();
  let closed = false;
  const server = net.createServer((client) => {
    if (closed) return client.destroy();
    const upstream = net.connect(Number(target.port), target.hostname);
    for (const [from, to] of [[client, upstream], [upstream, client]]) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => { sockets.delete(from); to.destroy(); });
      from.pipe(to);
    }
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `${target.protocol}//127.0.0.1:${server.address().port}`,
    cut() { closed = true; for (const socket of sockets) socket.destroy(); },
    mend() { closed = false; },
    close() { this.cut(); server.close(); },
  };
}

test('objects are created, read, listed, replaced, patched and deleted', bound, async () => {
  const created = await create('crud', { color: 'blue' });
  assert.match(created.metadata.uid, /^[0-9a-f-]{36}$/);
  assert.ok(created.metadata.creationTimestamp instanceof Date);
  const read = await core.readNamespacedConfigMap({ namespace, name: 'crud' });
  assert.deepEqual(read.data, { color: 'blue' });
  const list = await core.listNamespacedConfigMap({ namespace, fieldSelector: 'metadata.name=crud' });
  assert.deepEqual(list.items.map((item) => item.metadata.name), ['crud']);
  read.data.color = 'green';
  const replaced = await core.replaceNamespacedConfigMap({ namespace, name: 'crud', body: read });
  assert.notEqual(replaced.metadata.resourceVersion, created.metadata.resourceVersion);
  const patched = await core.patchNamespacedConfigMap(
    { namespace, name: 'crud', body: [{ op: 'add', path: '/data/size', value: '3' }] },
    k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.JsonPatch));
  assert.deepEqual(patched.data, { color: 'green', size: '3' });
  const merged = await core.patchNamespacedConfigMap(
    { namespace, name: 'crud', body: { data: { size: null } } },
    k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch));
  assert.deepEqual(merged.data, { color: 'green' });
  assert.equal((await remove('crud')).status, 'Success');
  await refuses(core.readNamespacedConfigMap({ namespace, name: 'crud' }), 404, 'NotFound');
});

test('lists come in pages', bound, async () => {
  for (const name of ['page-1', 'page-2', 'page-3']) await create(name);
  const first = await core.listNamespacedConfigMap({ namespace, limit: 2 });
  assert.equal(first.items.length, 2);
  const second = await core.listNamespacedConfigMap({ namespace, limit: 2, _continue: first.metadata._continue });
  assert.ok(second.items.length >= 1);
  assert.equal(new Set([...first.items, ...second.items].map((item) => item.metadata.name)).size,
    first.items.length + second.items.length);
  for (const name of ['page-1', 'page-2', 'page-3']) await remove(name);
});

test('leases, secrets, namespaces and custom objects work as well', bound, async () => {
  const leases = config().makeApiClient(k8s.CoordinationV1Api);
  const lease = await leases.createNamespacedLease({ namespace, body: {
    metadata: { name: 'held' }, spec: { holderIdentity: 'me', leaseDurationSeconds: 15, renewTime: new k8s.V1MicroTime() } } });
  assert.equal(lease.spec.holderIdentity, 'me');
  assert.ok(!Number.isNaN(new Date(lease.spec.renewTime).getTime()));
  const secret = await core.createNamespacedSecret({ namespace, body: { metadata: { name: 'key' }, stringData: { a: 'b' } } });
  assert.deepEqual(secret.data, { a: 'Yg==' });
  assert.equal((await core.readNamespace({ name: namespace })).status.phase, 'Active');
  const made = await custom.createNamespacedCustomObject({ ...requests, body: {
    apiVersion: 'notification.kubernaut.ai/v1alpha1', kind: 'NotificationRequest', metadata: { name: 'custom' }, spec } });
  assert.equal(made.metadata.generation, 1);
  made.status = { phase: 'Sent' };
  const updated = await custom.replaceNamespacedCustomObjectStatus({ ...requests, name: 'custom', body: made });
  assert.equal(updated.status.phase, 'Sent');
  await custom.deleteNamespacedCustomObject({ ...requests, name: 'custom' });
});

test('every refusal is an ApiException with the code, the reason and a Status', bound, async () => {
  await create('taken');
  await refuses(create('taken'), 409, 'AlreadyExists');
  await refuses(create('Not A Name'), 422, 'Invalid');
  const stale = await core.readNamespacedConfigMap({ namespace, name: 'taken' });
  await core.replaceNamespacedConfigMap({ namespace, name: 'taken', body: { ...stale, data: { x: '1' } } });
  await refuses(core.replaceNamespacedConfigMap({ namespace, name: 'taken', body: stale }), 409, 'Conflict');
  await refuses(core.deleteNamespacedConfigMap({ namespace, name: 'taken',
    body: { preconditions: { uid: '11111111-1111-1111-1111-111111111111' } } }), 409, 'Conflict');
  await refuses(core.listNamespacedConfigMap({ namespace, labelSelector: '!!' }), 400, 'BadRequest');
  await refuses(custom.getNamespacedCustomObject({ ...requests, name: 'nobody' }), 404, 'NotFound');
  await refuses(custom.createNamespacedCustomObject({ ...requests, body: {
    apiVersion: 'notification.kubernaut.ai/v1alpha1', kind: 'NotificationRequest', metadata: { name: 'bad' },
    spec: { ...spec, type: 'shout' } } }), 422, 'Invalid');
  await remove('taken');
});

test('a 429 carries its Retry-After', bound, async () => {
  const put = (faults) => fetch(`${process.env.CONTROL}/faults`, { method: 'PUT', body: JSON.stringify(faults) });
  await put({ api: { outcome: 'refuse', status: 429, retryAfterSeconds: 7, count: 1 } });
  await assert.rejects(core.listNamespacedConfigMap({ namespace }), (error) => {
    assert.equal(error.code, 429);
    assert.equal(error.headers['retry-after'], '7');
    return true;
  });
  await put({});
});

test('a watch tells of every change, in order', bound, async () => {
  const events = [];
  const list = await core.listNamespacedConfigMap({ namespace });
  const watch = new k8s.Watch(config());
  let ended = false;
  const request = await watch.watch(`/api/v1/namespaces/${namespace}/configmaps`,
    { resourceVersion: list.metadata.resourceVersion },
    (type, object) => events.push(`${type} ${object.metadata.name} ${object.data?.n ?? ''}`), () => { ended = true; });
  await create('seen', { n: '1' });
  await core.patchNamespacedConfigMap({ namespace, name: 'seen', body: { data: { n: '2' } } },
    k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch));
  await remove('seen');
  await until(() => events.length >= 3);
  assert.deepEqual(events, ['ADDED seen 1', 'MODIFIED seen 2', 'DELETED seen 2']);
  request.abort();
  await until(() => ended);
});

test('a watch with a time-out ends by itself, without an error', bound, async () => {
  const watch = new k8s.Watch(config());
  const reason = await new Promise((done) => {
    watch.watch(`/api/v1/namespaces/${namespace}/configmaps`, { timeoutSeconds: 1 }, () => {}, done);
  });
  assert.equal(reason, null);
});

/** An informer that starts again after errors, as its documentation has it; what it heard; what it met. */
function restartingInformer(way, label) {
  const kc = config(way.url);
  const api = kc.makeApiClient(k8s.CoreV1Api);
  let lists = 0;
  const informer = k8s.makeInformer(kc, `/api/v1/namespaces/${namespace}/configmaps`, () => {
    ++lists;
    return api.listNamespacedConfigMap({ namespace, labelSelector: label });
  }, label);
  const heard = [];
  let errors = 0;
  for (const verb of ['add', 'update', 'delete']) informer.on(verb, (object) => heard.push(`${verb} ${object.metadata.name}`));
  let over = false;
  informer.on('error', () => { ++errors; if (!over) setTimeout(() => informer.start(), 50); });
  const stop = () => { over = true; return informer.stop(); };
  return { informer, heard, stop, errors: () => errors, lists: () => lists };
}

const labelled = (name, label) => core.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels: { [label]: '1' } } } });

test('an informer misses nothing when its watch is cut, and does not list again', bound, async () => {
  const way = await cuttableWay();
  const it = restartingInformer(way, 'dropped');
  await labelled('before', 'dropped');
  await it.informer.start();
  await until(() => it.heard.includes('add before'));
  way.cut();
  await labelled('meanwhile', 'dropped');
  await remove('before');
  await until(() => it.errors() > 0);
  way.mend();
  await until(() => it.heard.includes('delete before'));
  assert.deepEqual(it.heard, ['add before', 'add meanwhile', 'delete before']);
  assert.equal(it.lists(), 1);
  await it.stop();
  await remove('meanwhile');
  way.close();
});

test('an informer whose revision was compacted lists again and ends up with the truth', bound, async () => {
  const way = await cuttableWay();
  const it = restartingInformer(way, 'compacted');
  await labelled('old', 'compacted');
  await it.informer.start();
  await until(() => it.heard.includes('add old'));
  way.cut();
  await remove('old');
  await labelled('new', 'compacted');
  await fetch(`${process.env.CONTROL}/compact`, { method: 'POST' });
  await until(() => it.errors() > 0);
  way.mend();
  await until(() => it.informer.get('new', namespace) !== undefined && it.informer.get('old', namespace) === undefined);
  assert.ok(it.lists() >= 2);
  // and it follows what comes after
  await labelled('later', 'compacted');
  await until(() => it.informer.get('later', namespace) !== undefined);
  await it.stop();
  for (const name of ['new', 'later']) await remove(name);
  way.close();
});
