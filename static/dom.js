// The few things every module needs.
export const $ = (selector, place = document) => place.querySelector(selector);
export const $$ = (selector, place = document) => [...place.querySelectorAll(selector)];

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name === "className" ? "class" : name, value);
  }
  element.append(...children);
  return element;
}

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg"), use = document.createElementNS(space, "use");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${new URL("img/icons.svg", import.meta.url).pathname}#${name}`);
  svg.append(use);
  return svg;
}

// "Đà Nẵng" is found as "da nang". NFD does not take đ apart, so it is mapped by hand.
export const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase();
export const words = (text) => fold(text.trim()).split(/\s+/).filter(Boolean);

// Pages are the server's own, fetched from its own address: the one place where text becomes markup.
const parser = new DOMParser();
const policy = globalThis.trustedTypes?.createPolicy("drills", { createHTML: (text) => text }) ?? { createHTML: (text) => text };
export const parse = (text) => parser.parseFromString(policy.createHTML(text), "text/html");

export const token = () => $('meta[name="csrf-token"]')?.content ?? "";

export function say(text) {
  $("#status").textContent = text;
}
