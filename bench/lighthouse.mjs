// One Lighthouse run as a phone, with a cookie set like a browser would hold it: node bench/lighthouse.mjs URL [name=value]
// Prints one JSON object. A header would not do: browsers send no extra headers with a WebSocket.
import lighthouse from "lighthouse";
import { launch } from "chrome-launcher";
import puppeteer from "puppeteer-core";

const [url, cookie] = process.argv.slice(2);
const flags = ["--headless=new", "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run", "--disable-sync"];
const chrome = await launch({ chromeFlags: flags, logLevel: "silent" });
try {
  if (cookie) {
    const browser = await puppeteer.connect({ browserURL: `http://127.0.0.1:${chrome.port}` });
    const [name, value] = cookie.split("=");
    const page = await browser.newPage();
    const session = await page.createCDPSession();
    await session.send("Network.setCookie", { name, value, url });
    await page.close();
    await browser.disconnect();
  }
  const options = { port: chrome.port, output: "json", logLevel: "silent", disableStorageReset: true, onlyCategories: ["performance", "accessibility", "best-practices"] };
  const { lhr } = await lighthouse(url, options);
  const score = (id) => Math.round(lhr.categories[id].score * 100);
  const failed = Object.values(lhr.audits).filter((a) => a.score !== null && a.score < 0.9 && ["binary", "numeric"].includes(a.scoreDisplayMode)).map((a) => a.id);
  console.log(JSON.stringify({
    performance: score("performance"), accessibility: score("accessibility"), practices: score("best-practices"),
    lcp: lhr.audits["largest-contentful-paint"].numericValue, cls: lhr.audits["cumulative-layout-shift"].numericValue, blocking: lhr.audits["total-blocking-time"].numericValue,
    failed, warnings: lhr.runWarnings, url: lhr.finalDisplayedUrl,
  }));
} finally {
  await chrome.kill();
}
