// Opens the pages of a report in Chromium, at a desktop's and a telephone's width, without script: nothing is wider
// than its screen, every figure is there and has a size, nothing is fetched. Screenshots go to SHOTS.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

const { REPORT, SHOTS, CLIENTS } = process.env;
const { chromium } = createRequire(path.join(CLIENTS, 'package.json'))('playwright-core');
const pages = ['report', 'risk-assessment', 'staging-validation', 'deployment-readiness'];
const widths = { desktop: 1280, phone: 390 };
// What the report must show, whatever its database holds.
const figures = [
  'latency', 'latency-against-load', 'resources', 'connections', 'failover', 'duplicate-window', 'kill-moment',
  'tls-faults', 'breaker', 'one-run', 'leader-death', 'discovery', 'trend',
];

let browser;
before(async () => {
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
});
after(() => browser.close());

async function opened(name, width) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, javaScriptEnabled: true, offline: true });
  const page = await context.newPage();
  const fetched = [];
  page.on('request', (request) => fetched.push(request.url()));
  await page.goto('file://' + path.join(REPORT, name + '.html'));
  return { context, page, fetched };
}

for (const name of pages) {
  for (const [device, width] of Object.entries(widths)) {
    test(`${name} at the width of a ${device}: nothing is wider than the screen`, async () => {
      const { context, page, fetched } = await opened(name, width);
      await page.screenshot({ path: path.join(SHOTS, `${name}-${device}.png`), fullPage: true });
      const size = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      assert.ok(size[0] <= size[1], `${size[0]} of ${size[1]} pixels`);
      const wide = await page.evaluate(() => [...document.querySelectorAll('figure, figure svg, p, h1, h2, h3, pre, figcaption')]
        .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
        .map((one) => one.tagName + ' ' + one.textContent.slice(0, 40)));
      assert.deepEqual(wide, []);
      assert.equal(fetched.length, 1, 'fetches ' + fetched.join(' '));
      await context.close();
    });
  }
}

test('every figure is in the report: drawn with words in it, or with the words for what is missing', async () => {
  const { context, page } = await opened('report', widths.desktop);
  for (const id of figures) {
    const seen = await page.evaluate((wanted) => {
      const figure = document.getElementById(wanted);
      if (figure === null) return null;
      const svg = figure.querySelector('svg');
      const box = svg === null ? { width: 0, height: 0 } : svg.getBoundingClientRect();
      const inside = svg === null ? [] : [...svg.querySelectorAll('text')].map((text) => text.getBoundingClientRect())
        .filter((text) => text.left < box.left - 1 || text.right > box.right + 1 || text.top < box.top - 1 || text.bottom > box.bottom + 1);
      return {
        title: figure.querySelector('h3').textContent, width: box.width, height: box.height,
        texts: svg === null ? 0 : svg.querySelectorAll('text').length, cut: inside.length,
        caption: figure.querySelector('figcaption')?.textContent ?? '', missing: figure.querySelector('.missing')?.textContent ?? '',
        command: figure.querySelector('pre')?.textContent ?? '',
      };
    }, id);
    assert.ok(seen !== null, id + ' is not there');
    assert.equal(seen.missing, '', id + ' is not drawn');
    assert.ok(seen.width > 300 && seen.height > 100, `${id}: ${seen.width} by ${seen.height}`);
    assert.ok(seen.texts >= 5, id + ': has no words');
    assert.equal(seen.cut, 0, id + ': words are cut off at its edge');
    assert.ok(seen.caption.length > 80, id + ': has no caption');
    if (id !== 'discovery' && id !== 'trend') assert.match(seen.command, /scripts\/racebed run .* --seed \d+/);
  }
  await context.close();
});

test('the report says the same without script, on paper, and weighs at most 2 MB', async () => {
  for (const name of pages) {
    const file = path.join(REPORT, name + '.html');
    assert.ok(fs.statSync(file).size <= 2 * 1024 * 1024, name);
    assert.doesNotMatch(fs.readFileSync(file, 'utf8'), /<script|https?:/);
  }
  const { context, page } = await opened('report', widths.desktop);
  await page.emulateMedia({ media: 'print' });
  await page.pdf({ path: path.join(SHOTS, 'report.pdf'), format: 'A4' });
  assert.ok(fs.statSync(path.join(SHOTS, 'report.pdf')).size > 10000);
  await context.close();
});
