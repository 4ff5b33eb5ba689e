import { errorTable } from './definition.ts';

/** Errors of processors (`defineProcessor`) and of the state that they keep. */
export const processorErrors = errorTable({
  PROCESSOR_THREW: { message: 'the processor threw: {reason}', domain: 'user', retry: 'never' },
  PROCESSOR_RETRIED: {
    message: 'the processor was tried for {seconds} s ("retryFor"), {tries} times, and threw at last: {reason}',
    domain: 'external',
    retry: 'never',
  },
  PROCESSOR_TIMER_THREW: {
    message: 'the processor threw at the timer {name} of the key {key}, due at {time}: {reason}; the timer is gone',
    domain: 'user',
    retry: 'never',
  },
  PROCESSOR_OUTPUT: {
    message:
      'taking what the processor emits: it is {found}; emit records made by record.with(...) or context.record(...), with values of JSON',
    domain: 'user',
    retry: 'never',
  },
  PROCESSOR_OPERATOR: {
    message: 'running the operator of the processor: it returns {found} and no Observable; return what records.pipe(...) gives',
    domain: 'user',
    retry: 'never',
  },
  PROCESSOR_TOO_LONG: {
    message:
      'waiting for the processor: nothing has come of {inputs} for {seconds} s ("timeout"); let what it waits for have a limit of its own, or raise this one',
    domain: 'user',
    retry: 'never',
  },
  PROCESSOR_TOO_MANY: {
    message:
      'taking what the processor emits: more than {limit} records of {inputs}; let it emit less, or split records by the step "split"',
    domain: 'user',
    retry: 'never',
  },
  PROCESSOR_RUN_OVER: {
    message:
      'using {what} of the processor: the run that this belongs to is over, or none has begun (a run failed, its Observable had completed before, or this is done in setup); let the Observable wait for all that is under way (mergeMap, concatMap)',
    domain: 'user',
    retry: 'never',
  },
  PROCESSOR_CONTINUOUS_STATE: {
    message:
      'using {what} of a continuous processor: it has none; what it keeps is in its operators (scan, bufferTime), or leave out "continuous"',
    domain: 'user',
    retry: 'never',
  },
  PROCESSOR_NO_ON_TIMER: {
    message: 'setting the timer {name}: nothing would take it; let setup return { process, onTimer }',
    domain: 'user',
    retry: 'never',
  },
  PROCESSOR_FAILED: {
    message:
      'running the continuous processor {step} of {component}: {reason}; it begins anew from the committed offsets (catch errors of a record inside its operators, with catchError)',
    domain: 'user',
    retry: 'backoff',
  },
  PROCESSOR_DEFINITION: { message: 'defining the processor {kind}: {reason}', domain: 'user', retry: 'never' },
  STATE_OPTIONS: { message: 'declaring the state {name}: {reason}', domain: 'user', retry: 'never' },
  STATE_KEY: {
    message: 'using the state {name}: {what} must be a text of at most {limit} characters, and is {found}',
    domain: 'user',
    retry: 'never',
  },
  STATE_NOT_JSON: {
    message: 'setting the state {name} of the key {key}: {reason}; state is kept as JSON',
    domain: 'user',
    retry: 'never',
  },
  STATE_FULL: {
    message:
      'setting the state {name}: the partition holds {limit} entries and timers already, which is the most that "maxEntries" of the processor allows; let them expire ("ttl"), delete them, or raise it where there is the memory',
    domain: 'user',
    retry: 'never',
  },
  STATE_LIST_FULL: {
    message:
      'appending to the list {name} of the key {key}: it has {limit} items, which is its "max"; delete it, raise that, or write whenFull: \'drop_oldest\'',
    domain: 'user',
    retry: 'never',
  },
  RXJS_OPTIONS: { message: 'making the operator {operator}: {reason}', domain: 'user', retry: 'never' },
  RXJS_REFUSED: {
    message: '{reason} (give "refused" to the operator to take such records, instead of this error)',
    domain: 'user',
    retry: 'never',
  },
  TIMER_TIME: {
    message: 'setting the timer {name} of the key {key}: {found} is no time in ms that a timer can have',
    domain: 'user',
    retry: 'never',
  },
});
