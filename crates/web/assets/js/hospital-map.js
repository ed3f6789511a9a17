// Where a hospital and its neighbours lie: points and a scale on an empty ground, since no page asks another host for a map.

const place = document.querySelector("[data-map]");
if (place instanceof HTMLElement) void draw(place);

/** @param {HTMLElement} place */
async function draw(place) {
  /** @type {typeof import("leaflet")} */
  const leaflet = await import(place.dataset.map ?? "");
  place.hidden = false;
  const colour = (/** @type {string} */ name) => getComputedStyle(place).getPropertyValue(name).trim();
  /** @type {[number, number]} */
  const here = [Number(place.dataset.lat), Number(place.dataset.lon)];
  const map = leaflet.map(place, { attributionControl: false, zoomControl: false, keyboard: false, scrollWheelZoom: false, zoomAnimation: false, fadeAnimation: false });
  leaflet.control.scale({ imperial: false }).addTo(map);
  const point = (/** @type {[number, number]} */ at, /** @type {string} */ name, /** @type {boolean} */ own) =>
    leaflet
      .circleMarker(at, { radius: own ? 9 : 6, color: colour(own ? "--act" : "--line-strong"), fillColor: colour(own ? "--act" : "--bg"), fillOpacity: 1, weight: 2, interactive: false })
      .addTo(map)
      .bindTooltip(name, { permanent: true, direction: own ? "top" : "auto", className: "map-name" });
  const all = [here];
  for (const item of document.querySelectorAll(".near li")) {
    if (!(item instanceof HTMLElement)) continue;
    /** @type {[number, number]} */
    const at = [Number(item.dataset.lat), Number(item.dataset.lon)];
    all.push(at);
    point(at, item.querySelector("a")?.textContent ?? "", false);
  }
  point(here, place.dataset.name ?? "", true);
  // The list beside it says the same in words.
  place.setAttribute("aria-hidden", "true");
  map.fitBounds(leaflet.latLngBounds(all), { padding: [40, 28] });
}
