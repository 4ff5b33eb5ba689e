/** Mean radius of the earth in km (IUGG). */
const EARTH_KM = 6371.0088;
const RADIANS = Math.PI / 180;

/** Kilometres between two places along a great circle, by the haversine formula. Degrees. */
export function distanceKm(fromLatitude: number, fromLongitude: number, toLatitude: number, toLongitude: number): number {
  const latitude = Math.sin(((toLatitude - fromLatitude) * RADIANS) / 2);
  const longitude = Math.sin(((toLongitude - fromLongitude) * RADIANS) / 2);
  const chord = latitude ** 2 + Math.cos(fromLatitude * RADIANS) * Math.cos(toLatitude * RADIANS) * longitude ** 2;
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(chord)));
}

interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** The place on a great circle after a part (0 to 1) of the way, travelled at one speed. Degrees. */
export function alongGreatCircle(from: Place, to: Place, part: number): { latitude: number; longitude: number } {
  const angle = distanceKm(from.latitude, from.longitude, to.latitude, to.longitude) / EARTH_KM;
  if (angle < 1e-9) return { latitude: from.latitude, longitude: from.longitude };
  const weightFrom = Math.sin((1 - part) * angle) / Math.sin(angle);
  const weightTo = Math.sin(part * angle) / Math.sin(angle);
  const x =
    weightFrom * across(from) * Math.cos(from.longitude * RADIANS) + weightTo * across(to) * Math.cos(to.longitude * RADIANS);
  const y =
    weightFrom * across(from) * Math.sin(from.longitude * RADIANS) + weightTo * across(to) * Math.sin(to.longitude * RADIANS);
  const z = weightFrom * Math.sin(from.latitude * RADIANS) + weightTo * Math.sin(to.latitude * RADIANS);
  return { latitude: Math.atan2(z, Math.hypot(x, y)) / RADIANS, longitude: Math.atan2(y, x) / RADIANS };
}

function across({ latitude }: Place): number {
  return Math.cos(latitude * RADIANS);
}
