import { type CompiledOption, template } from 'millrace/sdk';
import { z } from 'zod';
import { OPERATIONS } from './action.ts';
import { documentIdFault } from './document-id.ts';
import { ECS_FIELDS } from './ecs-fields.ts';

/** A template whose constant text is checked by `faultOf` when the file is loaded. */
function checkedTemplate(faultOf: (text: string) => string | undefined): z.ZodType<CompiledOption, string> {
  return template().superRefine((option: CompiledOption, context) => {
    const fault = option.text.includes('{{') ? undefined : faultOf(option.text);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });
}

const operation = checkedTemplate((text) =>
  OPERATIONS.some((one) => one === text) ? undefined : `${JSON.stringify(text)} is no operation; write ${OPERATIONS.join(', ')}`,
);

const id = checkedTemplate((text) =>
  documentIdFault(text) === undefined
    ? 'every record would be the same document; write an expression: "{{ order.id }}"'
    : `it is no id of a document: ${documentIdFault(text)}`,
);

const version = checkedTemplate(() => 'every record would have the same version; write an expression: "{{ revision }}"');

/** Options by which records choose what is done with them. */
export const documentFields = {
  id: id
    .optional()
    .describe(
      'The id of each document, by record. By default it derives from where the record stands in its topic. With ids of your own, at most one request is in flight for each id, and records of one id are delivered in their order.',
    )
    .meta({ examples: ['{{ order.id }}', '{{ $key }}'] }),
  operation: operation
    .optional()
    .describe(
      'What is done, the same for all or by record: `create` (the default; what is there stays), `index` (replaces it), `update` (changes the fields that the record has), `delete`. The last two need `id`.',
    )
    .meta({ examples: ['index', "{{ op === 'd' ? 'delete' : 'index' }}"] }),
  upsert: z
    .boolean()
    .default(true)
    .describe('Whether an `update` of a document that is not there makes it. When false such a record is a dead letter.'),
  retry_on_conflict: z
    .number()
    .int()
    .min(0)
    .max(100)
    .default(3)
    .describe('How often Elasticsearch itself tries an `update` again that meets another change of the same document.'),
  version: version
    .optional()
    .describe(
      'The version of the document, by record, for `index` and `delete`: a whole number. What is older than what is there changes nothing, and counts as delivered. Needs `id`.',
    )
    .meta({ examples: ['{{ revision }}', '{{ $offset }}'] }),
  version_type: z
    .enum(['external', 'external_gte'])
    .optional()
    .describe(
      'Whether an equal version counts as older (`external`, the default) or as newer (`external_gte`): then it replaces what is there.',
    ),
  tombstones: z
    .enum(['dead_letter', 'delete'])
    .default('dead_letter')
    .describe('What a record without a value is: a dead letter, or the deletion of the document with its `id` (from `$key`).'),
  pipeline: checkedTemplate((text) => (text === '' ? 'it is empty' : undefined))
    .optional()
    .describe('The ingest pipeline that documents pass, the same for all or by record; one that gives nothing means none.')
    .meta({ examples: ['geoip', '{{ labels.pipeline }}'] }),
  routing: checkedTemplate((text) => (text === '' ? 'it is empty' : undefined))
    .optional()
    .describe('What chooses the shard of a document in place of its id, by record; one that gives nothing means none.')
    .meta({ examples: ['{{ customer.id }}'] }),
  ecs: z
    .array(z.enum(ECS_FIELDS))
    .default([])
    .describe(
      'Fields of the Elastic Common Schema that are added to documents that lack them: `host` (`host.name`, the `host` of the settings), `agent` (Millrace and its version), `event.ingested` (when it was delivered). `update` adds none.',
    )
    .meta({ examples: [['host', 'agent', 'event.ingested']] }),
};

type Options = z.infer<z.ZodObject<typeof documentFields>> & { readonly data_stream?: string | undefined };

/** Whether records choose more than their index, so that the plain way of writing requests does not do. */
export function choosesActions(options: Options): boolean {
  const { id: ids, operation: operations, version: versions, pipeline, routing, tombstones } = options;
  const chosen = [ids, operations, versions, varying(pipeline), varying(routing)].some((option) => option !== undefined);
  return chosen || tombstones === 'delete';
}

function varying(option: CompiledOption | undefined): CompiledOption | undefined {
  return option?.constant === undefined ? option : undefined;
}

/** The faults that only show between these options: the option that they show at, and what is wrong. */
export function* faultsOfDocuments(options: Options): Generator<{ path: string; message: string }> {
  const always = options.operation?.text;
  const changes = always === 'update' || always === 'delete';
  if (options.id === undefined) {
    if (changes) yield { path: 'operation', message: `${always} needs the id of a document; write id` };
    if (options.version !== undefined) yield { path: 'version', message: 'a version needs the id of a document; write id' };
    if (options.tombstones === 'delete') {
      yield { path: 'tombstones', message: 'deleting needs the id of a document; write id: "{{ $key }}"' };
    }
  }
  if (options.version === undefined) {
    if (options.version_type !== undefined) yield { path: 'version_type', message: 'version_type goes with version' };
  } else if (always === undefined || always === 'create' || always === 'update') {
    yield { path: 'version', message: `${always ?? 'create'} takes no version; write operation: index or delete` };
  }
  if (options.data_stream === undefined) return;
  if (always !== undefined && always !== 'create' && !always.includes('{{')) {
    yield { path: 'operation', message: `a data stream takes only create, not ${always}; write index in place of data_stream` };
  }
  if (options.version !== undefined) {
    yield { path: 'version', message: 'a data stream takes no versions; write index in place of data_stream' };
  }
  if (options.tombstones === 'delete') {
    yield { path: 'tombstones', message: 'from a data stream nothing is deleted; write index in place of data_stream' };
  }
}
