import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { networkChart } from '../../lib/reports/charts.ts';
import { placeNodes } from '../../lib/reports/network-layout.ts';

const distance = (places: ReturnType<typeof placeNodes>, a: number, b: number) =>
  Math.hypot((places[a]?.x ?? 0) - (places[b]?.x ?? 0), (places[a]?.y ?? 0) - (places[b]?.y ?? 0));

describe('placeNodes', () => {
  test('puts every node of any network on the page, and always at the same place', () => {
    const network = fc.integer({ min: 0, max: 25 }).chain((count) =>
      fc.record({
        count: fc.constant(count),
        ties: fc.array(
          fc.record({
            from: fc.nat(Math.max(0, count - 1)),
            to: fc.nat(Math.max(0, count - 1)),
          }),
          { maxLength: count * 2 },
        ),
      }),
    );
    fc.assert(
      fc.property(network, ({ count, ties }) => {
        const used = count === 0 ? [] : ties;
        const places = placeNodes(count, used);
        expect(places).toHaveLength(count);
        for (const { x, y } of places) {
          for (const value of [x, y]) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(1);
          }
        }
        expect(placeNodes(count, used)).toEqual(places);
      }),
      { numRuns: 40 },
    );
  });

  test('puts linked nodes nearer to each other than unlinked ones', () => {
    const ring = (first: number) =>
      Array.from({ length: 6 }, (_, i) => ({ from: first + i, to: first + ((i + 1) % 6) }));
    const places = placeNodes(12, [...ring(0), ...ring(6)]);
    const linked = ring(0).map(({ from, to }) => distance(places, from, to));
    const apart = Array.from({ length: 36 }, (_, i) =>
      distance(places, Math.floor(i / 6), 6 + (i % 6)),
    );
    const mean = (values: readonly number[]) =>
      values.reduce((sum, each) => sum + each) / values.length;
    expect(mean(linked)).toBeLessThan(mean(apart) / 2);
  });
});

describe('networkChart', () => {
  test('draws a mark for every node and a line for every link, and escapes names', () => {
    const { html } = networkChart({
      title: 'A',
      nodes: [
        { name: '<b>', kind: 0 },
        { name: 'P1', kind: 1 },
        { name: 'P2', kind: 1 },
      ],
      nodeKinds: ['numbers', 'people'],
      links: [
        { from: 0, to: 1, line: 'solid' },
        { from: 0, to: 2, line: 'arrow' },
      ],
    });
    // One more of each kind stands in the legend.
    expect(html.match(/fill="#0072b2"/g)).toHaveLength(2);
    expect(html.match(/fill="#d55e00"/g)).toHaveLength(3);
    expect(html.match(/stroke="#888a"/g)).toHaveLength(2);
    expect(html).not.toContain('<b>');
  });
});
