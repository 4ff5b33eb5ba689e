import { describe, expect, it } from 'vitest';
import { config } from './config.ts';

const faultsOf = (options: unknown): string[] =>
  config.safeParse(options).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

describe('options', () => {
  it('has working defaults beside the target', () => {
    expect(config.parse({ data_stream: 'logs-access-default' })).toEqual({
      data_stream: 'logs-access-default',
      nodes: ['http://127.0.0.1:9200'],
      request_timeout: 60_000,
      compression: false,
      max_body: 50_000_000,
      upsert: true,
      retry_on_conflict: 3,
      tombstones: 'dead_letter',
      ecs: [],
    });
  });

  it.each([
    [{}, ': say where to'],
    [{ index: 'a', data_stream: 'b' }, 'data_stream: index and data_stream exclude each other'],
    [{ index: 'Logs-Web' }, 'index: "Logs-Web" is no name of an index: it has upper case letters; write "logs-web"'],
    [{ data_stream: 'a b' }, 'data_stream: "a b" is no name of an index: it holds " "'],
    [{ index: '<logs-{now/d}>' }, 'index: "<logs-{now/d}>" is no name of an index: it holds "<"'],
    [{ index: '_all' }, 'it starts with -, _ or +'],
    [{ index: 'x'.repeat(256) }, 'it is longer than 255 bytes'],
    [{ index: 'a', nodes: ['localhost:9200'] }, 'nodes.0: this is no http or https address'],
    [{ index: 'a', nodes: ['http://h:9200/?x=1'] }, 'nodes.0: an address must not hold a query'],
    [{ index: 'a', username: 'u' }, 'username: username and password go together'],
    [
      { index: 'a', username: 'u', password: 'p', api_key: 'k' },
      'api_key: username, api_key and bearer_token exclude each other',
    ],
    [{ index: 'a', tls: { ca: 'ca.pem' } }, 'tls: tls is for https addresses'],
    [
      { index: 'a', nodes: ['https://h'], tls: { ca: 'a', insecure_skip_verify: true } },
      'tls: ca, ca_fingerprint and insecure_skip_verify exclude',
    ],
    [{ index: 'a', nodes: ['https://h'], tls: { key: 'a' } }, 'tls: certificate and key go together'],
    [{ index: 'a', operation: 'upsert' }, 'operation: "upsert" is no operation; write create, index, update, delete'],
    [{ index: 'a', operation: 'update' }, 'operation: update needs the id of a document; write id'],
    [{ index: 'a', id: 'constant' }, 'id: every record would be the same document'],
    [{ index: 'a', id: '' }, 'id: it is no id of a document: it is empty'],
    [{ index: 'a', operation: 'index', version: '{{ v }}' }, 'version: a version needs the id of a document'],
    [{ index: 'a', id: '{{ a }}', version: '{{ v }}' }, 'version: create takes no version; write operation: index or delete'],
    [{ index: 'a', id: '{{ a }}', operation: 'index', version: '7' }, 'version: every record would have the same version'],
    [{ index: 'a', id: '{{ a }}', version_type: 'external' }, 'version_type: version_type goes with version'],
    [{ index: 'a', id: '{{ a }}', version_type: 'internal' }, 'version_type: Invalid option'],
    [{ index: 'a', tombstones: 'delete' }, 'tombstones: deleting needs the id of a document'],
    [{ data_stream: 'a', operation: 'index' }, 'operation: a data stream takes only create, not index'],
    [{ data_stream: 'a', id: '{{ a }}', tombstones: 'delete' }, 'tombstones: from a data stream nothing is deleted'],
    [{ index: 'a', pipeline: '' }, 'pipeline: it is empty'],
    [{ index: 'a', ecs: ['hosts'] }, 'ecs.0: Invalid option'],
    [{ index: 'a', template: { name: 'T', body: {} } }, 'template.name: this is no name of a template or policy'],
    [{ index: 'a', template: { name: 't' } }, 'template: say what to install: write file or body'],
    [{ index: 'a', ilm: { name: 'p', file: 'x', body: {} } }, 'ilm: file and body exclude each other'],
    [{ index: 'a', nodes: ['https://h'], tls: { ca_fingerprint: 'abc' } }, 'tls.ca_fingerprint: this is no SHA-256 fingerprint'],
  ])('refuses %j', (options, fault) => {
    expect(faultsOf(options)).toEqual([expect.stringContaining(fault)]);
  });

  it('refuses credentials in an address without repeating them', () => {
    const [fault] = faultsOf({ index: 'a', nodes: ['http://elastic:hunter2@h:9200'] });
    expect(fault).toContain('write them as username and password');
    expect(fault).not.toContain('hunter2');
  });

  it('leaves a template to be checked record by record', () => {
    expect(faultsOf({ index: 'logs-{{ service.Name }}' })).toEqual([]);
  });

  it('keeps the kinds of its scalars, by which files are compiled and secrets hidden', () => {
    const kinds = Object.fromEntries(
      Object.entries(config.shape).map(([name, schema]) => {
        const inner = schema.def.type === 'optional' && 'innerType' in schema.def ? schema.def.innerType : schema;
        return [name, (inner as typeof schema).meta()?.['millrace'] ?? schema.meta()?.['millrace']];
      }),
    );
    expect(kinds).toMatchObject({ index: 'template', password: 'secret', api_key: 'secret', bearer_token: 'secret' });
  });

  it('documents every option', () => {
    expect(Object.entries(config.shape).filter(([, schema]) => schema.description === undefined)).toEqual([]);
  });
});
