// How far it is and how long the drive may take, in the same words as the server's: both are tested on place.cases.json. A place is
// `35.6074,140.1065`.

const ROAD_FACTOR = 1.3;
const KILOMETRES_AN_HOUR = 40;
const RADIUS = 6371;

/**
 * @param {string} place
 * @returns {[number, number] | null} Degrees north and east.
 */
export function read(place) {
  const parts = place.split(",").map(Number);
  const [latitude, longitude] = parts;
  if (parts.length !== 2 || latitude === undefined || longitude === undefined) return null;
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? [latitude, longitude] : null;
}

/**
 * The straight line, in kilometres.
 * @param {[number, number]} from
 * @param {[number, number]} to
 */
export function kilometres(from, to) {
  const radians = (/** @type {number} */ degrees) => (degrees * Math.PI) / 180;
  const [latA, latB] = [radians(from[0]), radians(to[0])];
  const h = Math.sin((latB - latA) / 2) ** 2 + Math.cos(latA) * Math.cos(latB) * Math.sin(radians(to[1] - from[1]) / 2) ** 2;
  return 2 * RADIUS * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** @param {number} far In kilometres. */
export function driveMinutes(far) {
  return Math.min(6000, Math.max(1, Math.ceil(((far * ROAD_FACTOR) / KILOMETRES_AN_HOUR) * 60 - 1e-9)));
}

/**
 * 「5.2 km 約11分」
 * @param {number} far In kilometres.
 */
export function distance(far) {
  const minutes = driveMinutes(far);
  return `${far.toFixed(1)} km 約${minutes < 120 ? `${minutes}分` : `${Math.floor(minutes / 60)}時間`}`;
}

/**
 * How far a row's hospital is from a place.
 * @param {string} from
 * @param {string | undefined} to
 */
export function between(from, to) {
  const [here, there] = [read(from), read(to ?? "")];
  return here && there ? distance(kilometres(here, there)) : "位置未登録";
}
