import { isIP } from 'node:net';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import { MillraceError, reasonOf } from 'millrace/sdk';

/** Certificates of a chain that are looked at. */
const LONGEST_CHAIN = 10;

/**
 * The certificate (PEM) with the SHA-256 `fingerprint` among those that the servers at `addresses` send, for use as the
 * only trusted authority. Comparing fingerprints in place of verifying, as the client's own option does, is not enough:
 * certificates are public, so anybody can send the right one along with a key of his own.
 */
export async function authorityByFingerprint(
  addresses: readonly string[],
  fingerprint: string,
  signal: AbortSignal,
): Promise<string> {
  let failure: unknown;
  for (const address of addresses) {
    try {
      return await authorityAt(address, fingerprint.replaceAll(':', '').toLowerCase(), signal);
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
    }
  }
  throw failure;
}

async function authorityAt(address: string, wanted: string, signal: AbortSignal): Promise<string> {
  const chain = await presentedChain(new URL(address), signal);
  const found = chain.find(({ fingerprint256 }) => fingerprint256.replaceAll(':', '').toLowerCase() === wanted);
  if (found)
    return `-----BEGIN CERTIFICATE-----\n${found.raw.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
  const sent = chain.map(({ fingerprint256 }) => fingerprint256).join(', ');
  throw new MillraceError('ES_TLS', {
    node: address,
    reason: `no certificate that the server sends has the ca_fingerprint; it sends ${sent}`,
  });
}

function presentedChain(url: URL, signal: AbortSignal): Promise<DetailedPeerCertificate[]> {
  return new Promise((resolve, reject) => {
    const host = url.hostname.replaceAll(/^\[|\]$/g, '');
    // A server name is sent for names only (RFC 6066 allows no addresses).
    const name = isIP(host) === 0 ? { servername: host } : {};
    const fail = (code: 'ES_UNREACHABLE' | 'ES_TLS', error: unknown): void => {
      socket.destroy();
      reject(new MillraceError(code, { node: url.origin, reason: reasonOf(error) }));
    };
    const abort = (): void => fail('ES_UNREACHABLE', signal.reason);
    // Nothing is sent over this connection but the handshake: it only fetches what is then verified against.
    const socket = connect({ host, port: Number(url.port || 443), rejectUnauthorized: false, ...name }, () => {
      signal.removeEventListener('abort', abort);
      const chain = certificatesFrom(socket.getPeerCertificate(true));
      socket.destroy();
      resolve(chain);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', abort);
      fail(error.syscall === 'connect' || error.syscall === 'getaddrinfo' ? 'ES_UNREACHABLE' : 'ES_TLS', error);
    });
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

function certificatesFrom(leaf: DetailedPeerCertificate): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  let here: DetailedPeerCertificate | undefined = leaf;
  while (here?.raw !== undefined && chain.length < LONGEST_CHAIN) {
    chain.push(here);
    // The root names itself as its issuer.
    here = here.issuerCertificate === here ? undefined : here.issuerCertificate;
  }
  return chain;
}
