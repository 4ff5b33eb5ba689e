import { errorTable } from './definition.ts';

/** Errors of connectors. */
export const connectorErrors = errorTable({
  FILE_UNREADABLE: {
    message: 'reading the file {path}: {reason}; it is tried again, at least once a minute',
    domain: 'external',
    retry: 'backoff',
  },
  FILE_DIRECTORY_UNREADABLE: {
    message: 'looking for files in {path}: {reason}; it is looked into again as long as the source runs',
    domain: 'external',
    retry: 'backoff',
  },
  FILE_NOT_TEXT: {
    message: 'reading the file {path}: {reason}, so it is skipped; leave it out by `exclude`',
    domain: 'user',
    retry: 'never',
  },
  FILE_NOTHING_FOUND: {
    message: 'looking for {patterns}: no such file yet; check `include`, or wait: files are read as soon as they appear',
    domain: 'user',
    retry: 'backoff',
  },
  FILE_EXCLUDES_NOTHING: {
    message:
      'no file that `include` names can match {pattern}, which excludes nothing: a relative pattern begins at the pipeline file; write "{anywhere}" to exclude such files in any directory',
    domain: 'user',
    retry: 'never',
  },
  FILE_REPLACED: {
    message: 'following the file {path}: {reason}; it is read from its beginning',
    domain: 'external',
    retry: 'never',
  },
  FILE_BYTES_LOST: {
    message:
      'following the file {path}: {reason} with at least {bytes} bytes unread, which are lost; rotate by renaming instead (logrotate: `create`, not `copytruncate`)',
    domain: 'external',
    retry: 'never',
  },
  GENERATOR_UNWRITABLE: { message: 'writing generated lines to {path}: {reason}', domain: 'external', retry: 'never' },
  NDJSON_UNWRITABLE: {
    message: 'appending to the file {path}: {reason}; nothing is lost, it is tried again',
    domain: 'external',
    retry: 'backoff',
  },
  CONSOLE_UNWRITABLE: {
    message: 'printing records to {stream}: {reason}; nothing is lost, it is tried again',
    domain: 'external',
    retry: 'backoff',
  },

  ES_UNREACHABLE: {
    message: 'connecting to Elasticsearch at {node}: {reason}; check that it runs and that nodes holds its address',
    domain: 'external',
    retry: 'backoff',
  },
  ES_TIMEOUT: {
    message:
      'waiting for Elasticsearch at {node}: no answer within {seconds} s; where it is only slow, raise request_timeout or lower batch',
    domain: 'external',
    retry: 'backoff',
  },
  ES_TLS: {
    message:
      'making a TLS connection to Elasticsearch at {node}: {reason}; check the tls options, and the name in the address against the certificate',
    domain: 'user',
    retry: 'backoff',
  },
  ES_UNAUTHORIZED: {
    message: 'signing in to Elasticsearch at {node}: {reason}; check username and password, api_key or bearer_token',
    domain: 'user',
    retry: 'backoff',
  },
  ES_FORBIDDEN: {
    message: 'writing to {target}: Elasticsearch forbids it: {reason}; grant create_doc and auto_configure on it',
    domain: 'user',
    retry: 'backoff',
  },
  ES_BUSY: {
    message: 'writing to {target}: Elasticsearch cannot take it now ({status}): {reason}',
    domain: 'external',
    retry: 'backoff',
  },
  ES_BLOCKED: {
    message: 'writing to {target}: Elasticsearch has blocked it: {reason}; free disk space, raise the limit or lift the block',
    domain: 'external',
    retry: 'backoff',
  },
  ES_INDEX_CLOSED: {
    message: 'writing to {target}: the index is closed: {reason}; open it (POST /<index>/_open)',
    domain: 'external',
    retry: 'backoff',
  },
  ES_INDEX_MISSING: {
    message: 'writing to {target}: {reason}; create the index, or allow it to be created (action.auto_create_index)',
    domain: 'external',
    retry: 'backoff',
  },
  ES_NO_DATA_STREAM: {
    message:
      'writing to {target}: {reason}; create an index template with data_stream: {} that matches it, and delete a plain index of that name, or write index in place of data_stream',
    domain: 'user',
    retry: 'backoff',
  },
  ES_TARGET_UNFIT: {
    message: 'writing to {target}: its settings do not let documents in: {reason}',
    domain: 'external',
    retry: 'backoff',
  },
  ES_BAD_ANSWER: {
    message:
      'reading the answer of Elasticsearch at {node}: {reason}; check that nodes is the address of Elasticsearch, and what stands between',
    domain: 'external',
    retry: 'backoff',
  },
  ES_DOCUMENT_REJECTED: { message: 'indexing the document into {target}: {reason}', domain: 'user', retry: 'never' },
  ES_TIMESTAMP_MISSING: {
    message:
      'indexing the document into {target}: {reason}; a document in a data stream needs @timestamp, which the timestamp step or a parser sets',
    domain: 'user',
    retry: 'never',
  },
  ES_INDEX_NAME: {
    message: 'choosing the index of the record: {name} is no name of an index: {reason}',
    domain: 'user',
    retry: 'never',
  },
  ES_DOCUMENT_ID: {
    message: 'choosing the id of the document: {reason}',
    domain: 'user',
    retry: 'never',
  },
  ES_ACTION: {
    message: 'choosing what to do with the document: {reason}',
    domain: 'user',
    retry: 'never',
  },
  ES_DOCUMENT_MISSING: {
    message: 'updating a document of {target}: {reason}; `upsert: true` makes the missing document from the record',
    domain: 'user',
    retry: 'never',
  },
  ES_CONFLICT: {
    message: 'updating a document of {target}: it is being changed by somebody else: {reason}',
    domain: 'external',
    retry: 'backoff',
  },
  ES_INSTALL: {
    message:
      'installing {what} at Elasticsearch: {reason}; mend it, or take the option away and let an operator install it (managing templates and policies takes the privileges manage_index_templates and manage_ilm)',
    domain: 'user',
    retry: 'backoff',
  },
  ES_NO_ILM: {
    message:
      'installing {what} at Elasticsearch: this server has no index lifecycle management ({reason}); take `ilm` away, and bound the data by other means',
    domain: 'user',
    retry: 'backoff',
  },
  ES_NOT_AN_OBJECT: {
    message: 'making a document of the record: its value is no JSON object: {reason}; parse it first',
    domain: 'user',
    retry: 'never',
  },
  ES_REQUEST_REFUSED: {
    message: 'sending documents to {target}: Elasticsearch refuses the request: {reason}',
    domain: 'user',
    retry: 'never',
  },
  ES_REQUEST_TOO_LARGE: {
    message: 'sending documents to {target}: {reason}; raise max_body here and http.max_content_length there',
    domain: 'user',
    retry: 'never',
  },
});
