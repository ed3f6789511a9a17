// Where a hospital and its neighbours lie: points and a scale on an empty ground, since no page asks another host for a map.

const place = document.querySelector("[data-map]");
if (place instanceof HTMLElement) void draw(place);

/** @param {HTMLElement} place */
async function draw(place) {
  /** @type {typeof import("leaflet")} */
  const leaflet = await import(place.dataset.map ?? "");
  place.hidden = false;
  document.querySelector("[data-map-note]")?.removeAttribute("hidden");
  const colour = (/** @type {string} */ name) => getComputedStyle(place).getPropertyValue(name).trim();
  /** @type {[number, number]} */
  const here = [Number(place.dataset.lat), Number(place.dataset.lon)];
  const map = leaflet.map(place, { attributionControl: false, zoomControl: false, keyboard: false, scrollWheelZoom: false, zoomAnimation: false, fadeAnimation: false });
  leaflet.control.scale({ imperial: false }).addTo(map);
  const dot = { color: colour("--line-strong"), fillColor: colour("--bg"), fillOpacity: 1, weight: 2, radius: 11, interactive: false };
  const all = [here];
  document.querySelectorAll(".near li").forEach((item, index) => {
    if (!(item instanceof HTMLElement)) return;
    /** @type {[number, number]} */
    const at = [Number(item.dataset.lat), Number(item.dataset.lon)];
    all.push(at);
    const point = leaflet.circleMarker(at, dot).addTo(map);
    point.bindTooltip(String(index + 1), { permanent: true, direction: "center", className: "map-name" });
  });
  leaflet.circleMarker(here, { ...dot, color: colour("--act"), fillColor: colour("--act"), radius: 9 }).addTo(map);
  // The list beside it says the same in words.
  place.setAttribute("aria-hidden", "true");
  map.fitBounds(leaflet.latLngBounds(all), { padding: [24, 24] });
}
