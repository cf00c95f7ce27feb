import { renew } from "./api.js";

// onSales listens to sales as they are recorded, for as long as an element is on the page.
export function onSales(element, heard) {
  const source = new EventSource("/v1/sales/stream");
  const leave = () => source.close();
  addEventListener("hashchange", leave, { once: true });
  for (const kind of ["sales", "reload"]) {
    source.addEventListener(kind, () => (element.isConnected ? heard() : leave()));
  }
  // The stream ends with the access token, and goes on with the next one.
  source.addEventListener("end", async () => {
    leave();
    if (element.isConnected && (await renew())) onSales(element, heard);
  });
}
