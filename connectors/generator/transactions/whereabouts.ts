import { mix } from '../mix.ts';
import { CITIES, type City, cityAt, cityDistance, DISTRICTS, type District, roundCoordinate } from './cities.ts';
import type { Customer } from './customer.ts';
import { alongGreatCircle } from './great-circle.ts';

const HOUR_MS = 3_600_000;
/** How long a customer stays in one district, with the way to the next. */
const STAY_MS = 2 * HOUR_MS;
/** The end of a stay, in which the customer goes to another district of the city: 16 km in 12 minutes at most, or 80 km/h. */
const WAY = 0.1;
/** In each span of so many stays (two weeks) there is one journey at most, which begins and ends in it. */
const SPAN = 168;
/** Which part of the spans has a journey, in percent. */
const JOURNEYS = 25;
const FIRST_DEPARTURE = 12;
const DEPARTURES = 60;
const SHORTEST_VISIT = 24;
const VISITS = 40;
/** On the average, with all that belongs to a flight. */
const FLIGHT_KM_PER_HOUR = 700;

/** A customer's journey within its span of stays. */
interface Journey {
  readonly destination: number;
  /** The first stay of the flight there, and how many it takes. */
  readonly departure: number;
  readonly flight: number;
  /** The first stay of the flight home. */
  readonly back: number;
}

/** Where a customer is. */
export interface Place {
  city: City;
  cityNumber: number;
  /** The district's number; on the way, the one that they come from. */
  district: number;
  latitude: number;
  longitude: number;
  /** On the way from one place to another: in no shop. */
  onTheWay: boolean;
}

/**
 * Says where a customer is at any time, from the hash of seed, customer and stay alone. Customers stay in a district for a
 * while, go to another, and now and then visit another city. They move without leaps: between any two times they are no
 * faster than an aeroplane ({@link FLIGHT_KM_PER_HOUR}), so that no honest transactions look like impossible travel.
 */
export class Whereabouts {
  readonly #seed: number;
  #customer: Customer | undefined;
  #elapsed = Number.NaN;
  readonly #place: Place = {
    city: cityAt(0),
    cityNumber: 0,
    district: 0,
    latitude: 0,
    longitude: 0,
    onTheWay: false,
  };

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** `elapsed`: ms since the start. The place is valid until the next call. */
  at(customer: Customer, elapsed: number): Place {
    // A transaction asks twice: when it is made up, and when its record is.
    if (customer !== this.#customer || elapsed !== this.#elapsed) {
      this.#find(customer, elapsed);
      this.#customer = customer;
      this.#elapsed = elapsed;
    }
    return this.#place;
  }

  #find(customer: Customer, elapsed: number): Place {
    const own = mix(this.#seed ^ 0x0b1ace, customer.number);
    const stays = elapsed / STAY_MS + (own & 0xffff) / 0x10000;
    const stay = Math.floor(stays);
    const first = Math.floor(stay / SPAN) * SPAN;
    const home = customer.city;
    const journey = this.#journey(customer, own, first);
    if (journey === undefined) return this.#inCity(own, customer, home, stays);
    const { destination, departure, flight, back } = journey;
    const within = stay - first;
    // Who takes an aeroplane next does not go to another district before.
    if (within === departure - 1) return this.#inCity(own, customer, home, stay);
    if (within === back - 1) return this.#inCity(own, customer, destination, stay);
    if (within >= departure && within < departure + flight) {
      const from = { city: home, district: this.#districtOf(own, customer, home, first + departure - 1) };
      const to = { city: destination, district: this.#districtOf(own, customer, destination, first + departure + flight) };
      return this.#flying(from, to, (stays - first - departure) / flight);
    }
    if (within >= back && within < back + flight) {
      const from = { city: destination, district: this.#districtOf(own, customer, destination, first + back - 1) };
      const to = { city: home, district: this.#districtOf(own, customer, home, first + back + flight) };
      return this.#flying(from, to, (stays - first - back) / flight);
    }
    return this.#inCity(own, customer, within >= departure && within < back ? destination : home, stays);
  }

  #journey(customer: Customer, own: number, first: number): Journey | undefined {
    const hash = mix(own, first);
    if (hash % 100 >= JOURNEYS) return undefined;
    const draw = mix(own ^ 0x107e41, first);
    const other = draw % (CITIES.length - 1);
    const destination = other >= customer.city ? other + 1 : other;
    const departure = FIRST_DEPARTURE + ((hash >>> 8) % DEPARTURES);
    // Districts are up to 8 km from the centre.
    const flight = Math.ceil((cityDistance(customer.city, destination) + 16) / ((FLIGHT_KM_PER_HOUR * STAY_MS) / HOUR_MS));
    return { destination, departure, flight, back: departure + flight + SHORTEST_VISIT + ((hash >>> 16) % VISITS) };
  }

  /** `stays`: with the part of the stay that is over; without it, the customer is in the district all the time. */
  #inCity(own: number, customer: Customer, city: number, stays: number): Place {
    const stay = Math.floor(stays);
    const district = this.#districtOf(own, customer, city, stay);
    const left = 1 - (stays - stay);
    if (left >= WAY) return this.#put(city, district);
    const next = this.#districtOf(own, customer, city, stay + 1);
    if (next === district) return this.#put(city, district);
    const from = districtAt(city, district);
    const to = districtAt(city, next);
    const part = 1 - left / WAY;
    const place = this.#put(city, district);
    place.latitude = roundCoordinate(from.latitude + (to.latitude - from.latitude) * part);
    place.longitude = roundCoordinate(from.longitude + (to.longitude - from.longitude) * part);
    place.onTheWay = true;
    return place;
  }

  #flying(from: { city: number; district: number }, to: { city: number; district: number }, part: number): Place {
    const near = part < 0.5 ? from : to;
    const { latitude, longitude } = alongGreatCircle(
      districtAt(from.city, from.district),
      districtAt(to.city, to.district),
      part,
    );
    const place = this.#put(near.city, near.district);
    place.latitude = roundCoordinate(latitude);
    place.longitude = roundCoordinate(longitude);
    place.onTheWay = true;
    return place;
  }

  /** Half of the stays at home are in the customer's own district. */
  #districtOf(own: number, customer: Customer, city: number, stay: number): number {
    const hash = mix(own ^ 0x0d157, stay);
    return city === customer.city && hash & 1 ? customer.district : (hash >>> 1) % DISTRICTS;
  }

  #put(city: number, district: number): Place {
    const { latitude, longitude } = districtAt(city, district);
    const place = this.#place;
    place.city = cityAt(city);
    place.cityNumber = city;
    place.district = district;
    place.latitude = latitude;
    place.longitude = longitude;
    place.onTheWay = false;
    return place;
  }
}

function districtAt(city: number, district: number): District {
  return cityAt(city).districts[district] as District;
}
