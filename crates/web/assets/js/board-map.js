// The map beside the list: its marks are the list's rows, so that both always show the same moment and the same filter. Marks that lie
// close together are one mark with their number. Without outlines and tiles it is points on an empty ground, and works as well.

import { find } from "./board-rows.js";
import { accepts } from "./filter-rule.js";
import { read } from "./place.js";
import { factsOf } from "./row-facts.js";

/**
 * @typedef {{ properties: { row?: string, cluster?: boolean, cluster_id?: number, point_count?: number, accepting?: number }, geometry: { coordinates: [number, number] } }} Mark
 * @typedef {{ load: (marks: object[]) => void, getClusters: (box: number[], zoom: number) => Mark[], getClusterExpansionZoom: (id: number) => number }} Clusters
 */

/** So many marks stand apart at the least this deep. */
const DEEPEST = 14;
/** 代行 and 連携: who spoke in place of the hospital. */
const WHOSE = ".c-name > .proxy";
/** Japan, where nothing has a place. */
/** @type {[number, number]} */
const NOWHERE = [36.5, 138];

/** The library's style sheet, which whoever opens no map does without. @param {string} address */
function dress(address) {
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = address;
  return new Promise((done, failed) => {
    sheet.addEventListener("load", done);
    sheet.addEventListener("error", failed);
    document.head.append(sheet);
  });
}

export class BoardMap {
  /**
   * @param {HTMLElement} main
   * @param {() => HTMLTableRowElement[]} rows Those that the filter shows.
   * @param {(place: string) => string} nearest The address of the board in order of the distance from a place.
   * @param {() => number} now The server's time.
   */
  constructor(main, rows, nearest, now) {
    this.section = find(main, "[data-board-map]", HTMLElement);
    this.toggle = find(main, "[data-map-toggle]", HTMLButtonElement);
    this.rows = rows;
    this.nearest = nearest;
    this.now = now;
    /** @type {import("leaflet").Map | null} */
    this.map = null;
    /** @type {Map<string, import("leaflet").Marker>} */
    this.marks = new Map();
    this.asked = false;
    if (!this.section?.dataset.leaflet || !this.toggle) return;
    this.toggle.addEventListener("click", () => this.open(this.section?.hidden ?? true));
    this.open(true);
    addEventListener("hashchange", () => this.open(location.hash === "#map"));
  }

  /** @param {boolean} yes */
  open(yes) {
    if (!this.section || !this.toggle) return;
    this.section.hidden = !yes;
    this.toggle.setAttribute("aria-expanded", String(yes));
    history.replaceState(history.state, "", yes ? "#map" : location.pathname + location.search);
    if (!yes) return;
    if (this.map) this.map.invalidateSize();
    else void this.begin();
  }

  async begin() {
    const place = this.section && find(this.section, "[data-map-place]", HTMLElement);
    if (!this.section || !place || this.asked) return;
    this.asked = true;
    try {
      const { leaflet: library, style, cluster } = this.section.dataset;
      const [leaflet] = await Promise.all([import(library ?? ""), import(cluster ?? ""), dress(style ?? "")]);
      /** @type {typeof import("leaflet") | undefined} */
      this.leaflet = leaflet;
    } catch {
      this.asked = false;
      this.say("地図を読み込めません。一覧をお使いください。");
      return;
    }
    const Supercluster = /** @type {{ Supercluster: new (options: object) => Clusters }} */ (/** @type {unknown} */ (globalThis)).Supercluster;
    this.clusters = new Supercluster({
      radius: 56,
      maxZoom: DEEPEST,
      map: (/** @type {{ accepting: number }} */ p) => ({ accepting: p.accepting }),
      reduce: (/** @type {{ accepting: number }} */ sum, /** @type {{ accepting: number }} */ p) => {
        sum.accepting += p.accepting;
      },
    });
    if (!this.leaflet) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.map = this.leaflet.map(place, { zoomAnimation: !calm, fadeAnimation: false, markerZoomAnimation: !calm, maxZoom: 18 });
    this.map.attributionControl.setPrefix(false);
    this.leaflet.control.scale({ imperial: false }).addTo(this.map);
    this.place();
    this.load();
    this.map.on("moveend zoomend", () => this.draw());
    this.map.on("click", (event) => this.offer(event.latlng));
    this.draw();
    await this.ground();
  }

  /** Shows all that the list shows. */
  place() {
    if (!this.map || !this.leaflet) return;
    const all = this.rows().map((row) => read(row.dataset.place ?? "")).filter((p) => p !== null);
    if (all.length > 0) this.map.fitBounds(this.leaflet.latLngBounds(all), { padding: [28, 28], maxZoom: 13 });
    else this.map.setView(NOWHERE, 5);
  }

  /** The outlines and tiles that the operator gave, if any. Nothing waits for them. */
  async ground() {
    try {
      const answer = await fetch(this.section?.dataset.ground ?? "", { headers: { Accept: "application/json" } });
      if (!answer.ok || !this.map || !this.leaflet) return;
      /** @type {{ outlines: import("geojson").GeoJsonObject | null, tiles: { url: string, credit: string } | null }} */
      const { outlines, tiles } = await answer.json();
      if (tiles) {
        const credit = document.createElement("span");
        credit.textContent = tiles.credit;
        const layer = this.leaflet.tileLayer(tiles.url, { attribution: credit.innerHTML, maxZoom: 18 });
        let told = false;
        layer.on("tileerror", () => {
          if (!told) this.say("背景の地図が届きません。印と一覧は使えます。");
          told = true;
        });
        layer.addTo(this.map);
      }
      if (outlines) {
        const line = getComputedStyle(this.map.getContainer()).getPropertyValue("--line-strong").trim();
        const style = { color: line, weight: 1.5, fill: !tiles, fillColor: getComputedStyle(this.map.getContainer()).getPropertyValue("--bg").trim(), fillOpacity: 1 };
        this.leaflet.geoJSON(outlines, { style, interactive: false }).addTo(this.map).bringToBack();
      }
    } catch {
      // No ground: the marks are there.
    }
  }

  /** Takes the rows of this moment. */
  load() {
    this.of = new Map(this.rows().map((row) => [row.id, row]));
    const marks = [];
    let lost = 0;
    for (const [id, row] of this.of) {
      const at = read(row.dataset.place ?? "");
      if (!at) {
        lost += 1;
        continue;
      }
      const accepting = accepts(factsOf(row), this.now()) ? 1 : 0;
      marks.push({ type: "Feature", properties: { row: id, accepting }, geometry: { type: "Point", coordinates: [at[1], at[0]] } });
    }
    this.clusters?.load(marks);
    this.say(lost > 0 ? `位置の登録がない ${lost} 病院は、一覧だけにあります。` : "");
  }

  /** After the list has changed. */
  refresh() {
    if (!this.map || this.section?.hidden) return;
    cancelAnimationFrame(this.frame ?? 0);
    this.frame = requestAnimationFrame(() => {
      this.load();
      this.draw();
    });
  }

  draw() {
    if (!this.map || !this.leaflet || !this.clusters) return;
    const box = this.map.getBounds().pad(0.2);
    const found = this.clusters.getClusters([box.getWest(), box.getSouth(), box.getEast(), box.getNorth()], Math.round(this.map.getZoom()));
    /** @type {Map<string, import("leaflet").Marker>} */
    const next = new Map();
    for (const mark of found) {
      const look = mark.properties.cluster ? this.clusterLook(mark) : this.rowLook(mark.properties.row ?? "");
      if (!look) continue;
      const [longitude, latitude] = mark.geometry.coordinates;
      const key = `${latitude} ${longitude} ${look.key}`;
      // What looks as before stays, and keeps the focus.
      const old = this.marks.get(key);
      if (old) {
        this.marks.delete(key);
        next.set(key, old);
        continue;
      }
      const icon = this.leaflet.divIcon({ html: look.html, className: "mm", iconSize: [44, 44] });
      const marker = this.leaflet.marker([latitude, longitude], { icon, title: look.words, riseOnHover: true });
      marker.on("click", () => look.press(marker)).on("keypress", (event) => {
        if (event.originalEvent.key === "Enter") look.press(marker);
      });
      marker.addTo(this.map);
      marker.getElement()?.setAttribute("aria-label", look.words);
      next.set(key, marker);
    }
    for (const gone of this.marks.values()) gone.remove();
    this.marks = next;
  }

  /** @param {Mark} mark */
  clusterLook(mark) {
    const { point_count: count = 0, accepting = 0, cluster_id: id = 0 } = mark.properties;
    const html = document.createElement("span");
    html.className = accepting > 0 ? "mm-many can" : "mm-many";
    const number = document.createElement("b");
    number.textContent = String(count);
    const small = document.createElement("small");
    small.textContent = `可 ${accepting}`;
    html.append(number, small);
    const [longitude, latitude] = mark.geometry.coordinates;
    const press = () => this.map?.setView([latitude, longitude], Math.min(18, this.clusters?.getClusterExpansionZoom(id) ?? DEEPEST));
    return { html, press, key: `${count}/${accepting}`, words: `${count} 病院、うち受入可 ${accepting}。押すと拡大します` };
  }

  /** @param {string} id */
  rowLook(id) {
    const row = this.of?.get(id);
    if (!row) return null;
    const door = row.querySelector(".c-emg .st:not(.st-none)") ?? row.querySelector(".c-inp .st") ?? row.querySelector(".c-emg .null");
    const beds = String(factsOf(row).beds.tot?.count ?? "");
    const name = row.querySelector(".c-name > a")?.textContent ?? "";
    const old = row.classList.contains("old");
    const html = document.createElement("span");
    html.className = old ? "mm-one old" : "mm-one";
    const shape = document.createElement("span");
    shape.className = door?.className ?? "st st-unk";
    const sign = door?.querySelector("svg");
    if (sign) shape.append(sign.cloneNode(true));
    const number = document.createElement("b");
    number.textContent = beds;
    html.append(shape, number);
    const age = row.querySelector(".c-age b")?.textContent ?? "";
    const whose = [...row.querySelectorAll(WHOSE)].map((tag) => `　${tag.textContent}`).join("");
    const words = `${name}${whose}　${door?.textContent ?? ""}　空床 ${beds === "" ? "未回答" : `${beds} 床`}　${age}`;
    return { html, key: `${id} ${shape.className} ${beds} ${old} ${age}${whose}`, words, press: (/** @type {import("leaflet").Marker} */ marker) => this.tell(row.id, marker) };
  }

  /**
   * The row in short, with the number to press.
   * @param {string} id
   * @param {import("leaflet").Marker} marker
   */
  tell(id, marker) {
    const row = document.getElementById(id);
    if (!row) return;
    const box = document.createElement("div");
    box.className = "mm-tell";
    const head = document.createElement("p");
    const link = row.querySelector(".c-name > a")?.cloneNode(true);
    if (link) head.append(link);
    for (const tag of row.querySelectorAll(WHOSE)) head.append(" ", tag.cloneNode(true));
    const line = document.createElement("p");
    for (const part of [".c-age .age", ".c-emg .st, .c-emg .null", ".c-tot"]) {
      const found = row.querySelector(part);
      if (!found) continue;
      const copy = document.createElement("span");
      copy.textContent = part === ".c-tot" ? `空床 ${found.textContent?.trim() ?? ""}` : (found.textContent?.trim() ?? "");
      line.append(copy, "　");
    }
    box.append(head, line);
    // Of a number for the day and one for the night the one that answers now, as in the list.
    const other = row.closest("table")?.dataset.hours === "day" ? "night" : "day";
    for (const tel of row.querySelectorAll(`.c-tel a:not(.${other})`)) box.append(tel.cloneNode(true));
    marker.unbindPopup().bindPopup(box, { minWidth: 200 }).openPopup();
    link instanceof HTMLElement && link.focus({ preventScroll: true });
  }

  /** @param {import("leaflet").LatLng} at */
  offer(at) {
    if (!this.map || !this.leaflet) return;
    const place = `${at.lat.toFixed(4)},${at.wrap().lng.toFixed(4)}`;
    const box = document.createElement("div");
    box.className = "mm-tell";
    const near = document.createElement("a");
    near.href = this.nearest(place);
    near.textContent = "ここから近い順に見る";
    const keep = document.createElement("a");
    keep.href = `/board/kept?place=${encodeURIComponent(place)}`;
    keep.textContent = "起点に登録する";
    box.append(near, document.createElement("br"), keep);
    this.leaflet.popup().setLatLng(at).setContent(box).openOn(this.map);
    near.focus({ preventScroll: true });
  }

  /** @param {string} words */
  say(words) {
    const place = this.section && find(this.section, "[data-map-says]", HTMLElement);
    if (place && place.textContent !== words) place.textContent = words;
  }
}
