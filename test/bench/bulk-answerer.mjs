// A server that does nothing but answer `_bulk` as Elasticsearch does when all is well, so that a benchmark measures
// the client. It runs in a process of its own, started by start-bulk-answerer.ts, for its CPU must not count; it is
// plain JavaScript because a bare `node` has to run it. It ends with its standard input.

import { createServer } from 'node:http';

const NEWLINE = 0x0a;
const HEADERS = { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' };
const ITEM = '{"create":{"status":201}}';

/** Answers by number of documents: batches are mostly of the same few sizes. */
const answers = new Map();
let documents = 0;
let requests = 0;
let bytes = 0;

function answerFor(count) {
  let answer = answers.get(count);
  if (answer === undefined) {
    if (answers.size > 1000) answers.clear();
    answer = Buffer.from(`{"errors":false,"items":[${new Array(count).fill(ITEM).join(',')}]}`);
    answers.set(count, answer);
  }
  return answer;
}

function countNewlines(chunk) {
  let count = 0;
  for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

function respond(response, status, body) {
  response.writeHead(status, { ...HEADERS, 'content-length': body.length });
  response.end(body);
}

function answerBulk(request, response) {
  let newlines = 0;
  request.on('data', (chunk) => {
    newlines += countNewlines(chunk);
    bytes += chunk.length;
  });
  request.on('end', () => {
    if (request.headers['content-encoding'] !== undefined) {
      respond(response, 415, Buffer.from('{"error":"this server counts plain bodies only","status":415}'));
      return;
    }
    const count = newlines / 2;
    if (count === 0) {
      respond(
        response,
        400,
        Buffer.from('{"error":{"type":"parse_exception","reason":"request body is required"},"status":400}'),
      );
      return;
    }
    documents += count;
    requests += 1;
    respond(response, 200, answerFor(count));
  });
}

const server = createServer((request, response) => {
  if (request.url.split('?')[0].endsWith('/_bulk')) {
    answerBulk(request, response);
    return;
  }
  request.resume();
  if (request.url === '/_counted') respond(response, 200, Buffer.from(JSON.stringify({ documents, requests, bytes })));
  else if (request.url.startsWith('/_cluster/health')) {
    respond(response, 200, Buffer.from('{"cluster_name":"answerer","status":"green","number_of_nodes":1}'));
  } else respond(response, 405, Buffer.from('{"error":"Incorrect HTTP method","status":405}'));
});

server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
