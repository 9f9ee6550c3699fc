import { describe, expect, test } from 'vitest';
import {
  barChart,
  boxChart,
  lineChart,
  networkChart,
  scatterChart,
  spanChart,
} from '../../lib/reports/charts.ts';
import type { Html } from '../../lib/reports/page.ts';

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onload='alert(1)",
  '{b|rich}{a}%s',
  '</text></svg><b>',
];

const charts = (name: string): Html[] => {
  const frame = { title: name, note: name, xAxis: name, yAxis: name };
  return [
    lineChart({
      ...frame,
      series: [
        {
          name,
          points: [
            [0, 0],
            [1, 1],
          ],
        },
      ],
    }),
    scatterChart({ ...frame, series: [{ name, points: [[0, 0]] }] }),
    barChart({ ...frame, categories: [name], series: [{ name, values: [1] }] }),
    boxChart({ ...frame, groups: [{ name, values: [1, 2, 3] }] }),
    spanChart({ ...frame, rows: [name], series: [{ name, spans: [{ row: 0, from: 0, to: 1 }] }] }),
    networkChart({ ...frame, nodes: [{ name, kind: 0 }], nodeKinds: [name], links: [] }),
  ];
};

/** Elements and attributes, without what they say. */
const markupOf = ({ html }: Html) =>
  [...html.matchAll(/<\/?([\w-]+)((?:\s+[\w:-]+="[^"]*")*)\s*\/?>/g)].map(
    ([, element, attributes = '']) => [
      element,
      [...attributes.matchAll(/\s([\w:-]+)="[^"]*"/g)].map(([, attribute]) => attribute),
    ],
  );

describe('the names in a chart', () => {
  test.each(HOSTILE)('are text, whatever they say: %s', (name) => {
    for (const chart of charts(name)) {
      const elements = markupOf(chart).map(([element]) => element);
      const attributes = markupOf(chart).flatMap(([, names]) => names);
      expect(elements).not.toContain('script');
      expect(elements).not.toContain('img');
      expect(elements).not.toContain('b');
      expect(attributes.filter((attribute) => attribute?.startsWith('on'))).toEqual([]);
      // Every sign of markup belongs to an element that was read.
      expect(chart.html.replaceAll('<![CDATA[', '').split('<').length - 1).toBe(elements.length);
    }
  });
});
