import { describe, expect, it } from 'vitest';
import {
  barChart,
  boxChart,
  lineChart,
  scatterChart,
  spanChart,
  stepChart,
} from '../../lib/reports/charts.ts';
import { facts, grid, htmlPage, paragraph, table } from '../../lib/reports/page.ts';

const NASTY = '<script>alert("1")</script> & \'co\'';
const SAFE = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;co&#39;';

describe('htmlPage', () => {
  it('escapes every text, wherever it stands', () => {
    const html = htmlPage({
      title: NASTY,
      subtitle: NASTY,
      sections: [
        {
          title: NASTY,
          lead: NASTY,
          content: [
            paragraph(NASTY),
            facts([{ label: NASTY, value: NASTY, note: NASTY }]),
            table([{ header: NASTY }], [[NASTY]]),
            grid([lineChart({ title: NASTY, note: NASTY, series: [] })]),
          ],
        },
      ],
    });

    expect(html).not.toContain('<script');
    expect(html.split(SAFE)).toHaveLength(15);
  });

  it('needs nothing from elsewhere', () => {
    const html = htmlPage({ title: 'Alone', sections: [] });

    expect(html).not.toMatch(/<(script|link|img|iframe)|@import|url\(/);
  });
});

describe('charts', () => {
  const series = [
    { name: 'a & <b>', points: [[1, 2] as const, [3, 4] as const] },
    { name: 'c', points: [] },
  ];
  const drawn = {
    lineChart: lineChart({ title: 'A', xLabel: 'x', yLabel: 'y', series, xLogarithmic: true }),
    stepChart: stepChart({ title: 'A', series }),
    scatterChart: scatterChart({ title: 'A', series, xRange: [0, 5], yRange: [0, 5] }),
    barChart: barChart({
      title: 'A',
      categories: ['<one>', 'two'],
      series: [{ name: 'n', values: [1, -1] }],
      signed: true,
      horizontal: true,
    }),
    boxChart: boxChart({
      title: 'A',
      groups: [
        { name: '<one>', values: [3, 1, 2] },
        { name: 'none', values: [] },
      ],
    }),
    spanChart: spanChart({
      title: 'A',
      rows: ['<one>', 'two'],
      series: [{ name: '<b>', spans: [{ row: 1, from: 0, to: 4 }] }],
    }),
  };

  it('draws a stretch as long as it lasts, and no box of nothing', () => {
    const stretch = / d="M\S+ \S+l(\S+) 0l[^"]*" fill="#0072b2"/.exec(drawn.spanChart.html);
    expect(Number(stretch?.[1])).toBeGreaterThan(300);
    expect(drawn.boxChart.html).not.toContain('none (0)');
    expect(drawn.boxChart.html).toContain('one&gt; (3)');
  });

  it.each(Object.entries(drawn))(
    '%s draws an SVG with a name, and escapes its texts',
    (_, { html }) => {
      expect(html).toContain('<svg role="img" aria-label="A"');
      expect(html).toContain('</svg>');
      expect(html).not.toMatch(/<b>|<one>/);
    },
  );
});
