import type { ClientCall, ClientFault } from '../../src/testing/memory-kafka/client-error.ts';

export {
  type ClientCall as FakePoint,
  type ClientFault as FakeFault,
  clientError as fakeError,
} from '../../src/testing/memory-kafka/client-error.ts';

/** Decides how a call ends; may be slow. `by` is the transactional id, or the group. */
export type FakeScript = (point: ClientCall, by: string) => ClientFault | undefined | Promise<ClientFault | undefined>;
