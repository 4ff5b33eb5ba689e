import { isIPv6 } from 'node:net';

const DOT = 46;

/** Whether `text` is an IPv4 or IPv6 address. The IPv4 part is by hand: it is asked of every access-log line. */
export function isIpAddress(text: string): boolean {
  return isIPv4(text) || (text.indexOf(':') >= 0 && isIPv6(text));
}

function isIPv4(text: string): boolean {
  let octets = 1;
  let digits = 0;
  let octet = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (digits === 0) return false;
      octets += 1;
      digits = 0;
      octet = 0;
    } else {
      if (code < 48 || code > 57) return false;
      digits += 1;
      octet = octet * 10 + code - 48;
      if (octet > 255 || digits > 3) return false;
    }
  }
  return octets === 4 && digits > 0;
}
