import type { FieldPath } from '../../record/path.ts';

/** How an extension's value is read for its ECS field; where it does not fit, the field is left out. */
export type CefKind = 'text' | 'ip' | 'number' | 'time' | 'direction' | 'mac';

export interface EcsTarget {
  readonly path: FieldPath;
  readonly kind: CefKind;
}

/** Short keys and what they stand for (CEF Implementation Standard, version 25, tables of extensions). */
const SHORT_KEYS = `act deviceAction, app applicationProtocol, c6a1 deviceCustomIPv6Address1, c6a2 deviceCustomIPv6Address2,
  c6a3 deviceCustomIPv6Address3, c6a4 deviceCustomIPv6Address4, cat deviceEventCategory, cfp1 deviceCustomFloatingPoint1,
  cfp2 deviceCustomFloatingPoint2, cfp3 deviceCustomFloatingPoint3, cfp4 deviceCustomFloatingPoint4,
  cn1 deviceCustomNumber1, cn2 deviceCustomNumber2, cn3 deviceCustomNumber3, cnt baseEventCount, cs1 deviceCustomString1,
  cs2 deviceCustomString2, cs3 deviceCustomString3, cs4 deviceCustomString4, cs5 deviceCustomString5,
  cs6 deviceCustomString6, dhost destinationHostName, dlat destinationGeoLatitude, dlong destinationGeoLongitude,
  dmac destinationMacAddress, dntdom destinationNtDomain, dpid destinationProcessId, dpriv destinationUserPrivileges,
  dproc destinationProcessName, dpt destinationPort, dst destinationAddress, dtz deviceTimeZone, duid destinationUserId,
  duser destinationUserName, dvc deviceAddress, dvchost deviceHostName, dvcmac deviceMacAddress, dvcpid deviceProcessId,
  end endTime, fname filename, fsize fileSize, in bytesIn, mrt managerReceiptTime, msg message, out bytesOut,
  outcome eventOutcome, proto transportProtocol, request requestUrl, rt deviceReceiptTime, shost sourceHostName,
  slat sourceGeoLatitude, slong sourceGeoLongitude, smac sourceMacAddress, sntdom sourceNtDomain, spid sourceProcessId,
  spriv sourceUserPrivileges, sproc sourceProcessName, spt sourcePort, src sourceAddress, start startTime, suid sourceUserId,
  suser sourceUserName, ahost agentHostName, agt agentAddress, aid agentId, amac agentMacAddress, at agentType,
  av agentVersion, atz agentTimeZone`;

const FULL_NAMES: ReadonlyMap<string, string> = new Map(
  SHORT_KEYS.split(/,\s*/).map((pair) => pair.split(' ') as [string, string]),
);

const CUSTOM = /^(c6a[1-4]|cfp[1-4]|cn[1-3]|cs[1-6])Label$/;

/** The full name of an extension's key; those of custom fields' labels end with `Label`. Others stay. */
export function fullName(key: string): string {
  const full = FULL_NAMES.get(key);
  if (full !== undefined) return full;
  const label = CUSTOM.exec(key)?.[1];
  return label === undefined ? key : `${FULL_NAMES.get(label)}Label`;
}

/** ECS fields of extensions, as Elastic's decode_cef has them. */
const ECS_FIELDS = `agentHostName agent.name, agentId agent.id, agentType agent.type, agentVersion agent.version,
  applicationProtocol network.protocol, bytesIn source.bytes number, bytesOut destination.bytes number,
  destinationAddress destination.ip ip, destinationDnsDomain destination.registered_domain,
  destinationHostName destination.domain, destinationMacAddress destination.mac mac, destinationPort destination.port number,
  destinationServiceName destination.service.name, destinationTranslatedAddress destination.nat.ip ip,
  destinationTranslatedPort destination.nat.port number, destinationUserId destination.user.id,
  destinationUserName destination.user.name, destinationNtDomain destination.user.domain,
  destinationUserPrivileges destination.user.group.name, destinationProcessId destination.process.pid number,
  destinationProcessName destination.process.name, deviceAction event.action, deviceAddress observer.ip ip,
  deviceDirection network.direction direction, deviceExternalId observer.name, deviceHostName observer.hostname,
  deviceInboundInterface observer.ingress.interface.name, deviceOutboundInterface observer.egress.interface.name,
  deviceMacAddress observer.mac mac, deviceProcessId process.pid number, deviceProcessName process.name,
  deviceTimeZone event.timezone, deviceReceiptTime @timestamp time, startTime event.start time, endTime event.end time,
  eventOutcome event.outcome, externalId event.id, fileHash file.hash, fileId file.inode,
  fileModificationTime file.mtime time, fileCreateTime file.created time, filename file.name, filePath file.path,
  fileSize file.size number, fileType file.type, message message, reason event.reason,
  requestClientApplication user_agent.original, requestContext http.request.referrer, requestMethod http.request.method,
  requestUrl url.original, sourceAddress source.ip ip, sourceDnsDomain source.registered_domain,
  sourceHostName source.domain, sourceMacAddress source.mac mac, sourcePort source.port number,
  sourceServiceName source.service.name, sourceTranslatedAddress source.nat.ip ip,
  sourceTranslatedPort source.nat.port number, sourceUserId source.user.id, sourceUserName source.user.name,
  sourceNtDomain source.user.domain, sourceUserPrivileges source.user.group.name, sourceProcessId source.process.pid number,
  sourceProcessName source.process.name, transportProtocol network.transport`;

/** The ECS field of an extension, by its full name. */
export const ecsTargets: ReadonlyMap<string, EcsTarget> = new Map(
  ECS_FIELDS.split(/,\s*/).map((entry) => {
    const [name = '', path = '', kind = 'text'] = entry.split(' ');
    return [name, { path: path.split('.'), kind: kind as CefKind }] as const;
  }),
);
