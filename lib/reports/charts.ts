import type { EChartsCoreOption } from 'echarts';
import * as echarts from 'echarts';
import { placeNodes } from './network-layout.ts';
import { escapeHtml, figure, type Html } from './page.ts';

/** A named row of points. */
export interface PointSeries {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** For what is only there to compare with. */
  readonly dashed?: boolean;
}

/** What all charts have. */
interface ChartFrame {
  /** The caption above the chart, and its name for those who hear the page. */
  readonly title: string;
  /** Smaller text below. */
  readonly note?: string;
  readonly xLabel?: string;
  readonly yLabel?: string;
  /** In units of the drawing; the page scales it to its column. */
  readonly width?: number;
  readonly height?: number;
}

/** A chart of points over two number axes. */
export interface PointChart extends ChartFrame {
  readonly series: readonly PointSeries[];
  readonly xRange?: readonly [number, number];
  readonly yRange?: readonly [number, number];
  /** A logarithmic x axis; points at or below 0 must not be there. */
  readonly xLogarithmic?: boolean;
}

/** A chart of named bars. */
export interface BarChart extends ChartFrame {
  readonly categories: readonly string[];
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
  /** Bars from left to right, first category on top: for long names. */
  readonly horizontal?: boolean;
  readonly stacked?: boolean;
  /** Bars above 0 in one colour and those below in another; for one series. */
  readonly signed?: boolean;
  /** The axis of values reaches at least so far, that small values look small. */
  readonly reach?: number;
  /** Values beside the bars, as they are to be read. */
  readonly valueText?: (value: number) => string;
}

/** A chart of how values spread, category by category: a box from quartile to quartile, and every value as a point. */
export interface BoxChart extends ChartFrame {
  readonly groups: readonly { readonly name: string; readonly values: readonly number[] }[];
}

/** A stretch of a row, from `from` to `to`. */
export interface Span {
  /** Place of its row. */
  readonly row: number;
  readonly from: number;
  readonly to: number;
}

/** A chart of named rows, in each of which stretches of several kinds lie one after the other. */
export interface SpanChart extends ChartFrame {
  /** The first on top. */
  readonly rows: readonly string[];
  readonly series: readonly { readonly name: string; readonly spans: readonly Span[] }[];
}

/** A chart of nodes and the links between them. */
export interface NetworkChart extends ChartFrame {
  readonly nodes: readonly { readonly name: string; readonly kind: number }[];
  /** What the nodes are, by their `kind`. */
  readonly nodeKinds: readonly string[];
  /** By the places of their nodes; what kinds of lines mean is for the note. */
  readonly links: readonly {
    readonly from: number;
    readonly to: number;
    readonly line: 'solid' | 'dashed' | 'arrow';
  }[];
}

/** Okabe and Ito's palette, told apart by people with any colour vision; the pale yellow is left out. */
export const PALETTE = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'] as const;

/** Readable on white (4.5 : 1) and on near-black. */
const TEXT = '#767676';
const RULE = '#8884';
const LINK = '#888a';
/** As the page has it, light or dark. */
const PAPER = 'var(--paper)';
/** Long names are wider in some fonts than echarts takes them for. */
const ROOM_FOR_NAMES = 40;
/** Without double quotes: echarts writes it into an attribute as it stands. */
const FONT =
  "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', sans-serif";

/** Lines through points, in the order given. */
export function lineChart(chart: PointChart): Html {
  return pointChart(chart, (series, index) => ({
    type: 'line',
    name: series.name,
    data: series.points,
    showSymbol: series.points.length <= 1,
    symbol: 'circle',
    lineStyle: { width: 2, type: series.dashed ? 'dashed' : 'solid' },
    itemStyle: { color: colour(index) },
  }));
}

/** Steps: each y holds from its x until the next point's x. */
export function stepChart(chart: PointChart): Html {
  return pointChart(chart, (series, index) => ({
    type: 'line',
    step: 'end',
    name: series.name,
    data: series.points,
    showSymbol: false,
    lineStyle: { width: 2, type: series.dashed ? 'dashed' : 'solid' },
    itemStyle: { color: colour(index) },
  }));
}

/** Points alone. */
export function scatterChart(chart: PointChart): Html {
  return pointChart(chart, (series, index) => ({
    type: 'scatter',
    name: series.name,
    data: series.points,
    symbolSize: 6,
    itemStyle: { color: colour(index), opacity: 0.7 },
  }));
}

/** Bars over named categories. */
export function barChart(chart: BarChart): Html {
  const names = {
    type: 'category',
    data: [...chart.categories],
    inverse: chart.horizontal === true,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: RULE } },
    axisLabel: { color: TEXT, fontFamily: FONT, hideOverlap: true },
  };
  const { reach = 0 } = chart;
  const values = {
    ...valueAxis(undefined, true),
    ...(reach > 0 && { max: (spread: { max: number }) => (spread.max < reach ? reach : null) }),
  };
  const [xAxis, yAxis] = chart.horizontal ? [values, names] : [names, values];
  const { grid, ...rest } = frame(chart);
  const longest = Math.max(0, ...chart.categories.map((name) => name.length));
  const left = chart.horizontal ? 12 + Math.min(ROOM_FOR_NAMES, 1.4 * longest) : 12;
  const { valueText } = chart;
  return draw(chart, {
    ...rest,
    grid: { ...(grid as object), left, ...(valueText && chart.horizontal && { right: 48 }) },
    xAxis: { ...xAxis, ...axisName(chart.xLabel, 'middle') },
    yAxis: { ...yAxis, ...axisName(chart.yLabel, 'end') },
    series: chart.series.map((series, index) => ({
      type: 'bar',
      name: series.name,
      label: {
        show: valueText !== undefined,
        position: chart.horizontal ? 'right' : 'top',
        color: TEXT,
        fontFamily: FONT,
        fontSize: 11,
        formatter: ({ value }: { value: number }) => valueText?.(value) ?? '',
      },
      stack: chart.stacked ? 'all' : undefined,
      barMaxWidth: 28,
      itemStyle: { color: colour(index) },
      data: series.values.map((value) =>
        chart.signed ? { value, itemStyle: { color: colour(value > 0 ? 1 : 0) } } : value,
      ),
    })),
  });
}

/** Boxes and points over named groups, from left to right; the whiskers reach the outermost values. */
export function boxChart(chart: BoxChart): Html {
  const groups = chart.groups.filter(({ values }) => values.length > 0);
  return draw(chart, {
    ...rowFrame({ ...chart, series: [] }),
    xAxis: { ...valueAxis(undefined, true), ...axisName(chart.xLabel, 'middle') },
    yAxis: categoryAxis(groups.map(({ name, values }) => `${name} (${values.length})`)),
    series: [
      {
        type: 'boxplot',
        boxWidth: [8, 18],
        itemStyle: { color: `${PALETTE[5]}55`, borderColor: PALETTE[0], borderWidth: 1.5 },
        data: groups.map(({ values }) => fiveNumbers(values)),
      },
      {
        type: 'scatter',
        symbolSize: 5,
        itemStyle: { color: PALETTE[1], opacity: 0.6 },
        data: groups.flatMap(({ values }, row) => values.map((value) => [value, row])),
      },
    ],
  });
}

/** Least value, quartiles and largest value, interpolated between neighbours. */
function fiveNumbers(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)] ?? 0;
    const above = sorted[Math.ceil(place)] ?? below;
    return below + (above - below) * (place - Math.floor(place));
  });
}

/** Rows of coloured stretches, as a timetable. */
export function spanChart(chart: SpanChart): Html {
  return draw(chart, {
    ...rowFrame(chart),
    xAxis: { ...valueAxis(undefined, true), ...axisName(chart.xLabel, 'middle') },
    yAxis: categoryAxis(chart.rows),
    series: chart.series.map(({ name, spans }, index) => ({
      type: 'custom',
      name,
      itemStyle: { color: colour(index) },
      encode: { x: [1, 2], y: 0 },
      data: spans.map(({ from, row, to }) => [row, from, to]),
      renderItem: drawSpan,
    })),
  });
}

/** Names are drawn beside all nodes of a small network, and in a large one beside those with most links. */
const NAMED_NODES = 28;

/** Nodes and links; linked nodes lie near each other, and the same network is always drawn alike. */
export function networkChart(chart: NetworkChart): Html {
  const places = placeNodes(chart.nodes.length, chart.links);
  const links = chart.nodes.map(
    (_, place) => chart.links.filter(({ from, to }) => from === place || to === place).length,
  );
  const least = links.toSorted((a, b) => b - a)[NAMED_NODES] ?? -1;
  const width = chart.width ?? 560;
  const height = chart.height ?? 320;
  return draw(chart, {
    animation: false,
    color: [...PALETTE],
    textStyle: { fontFamily: FONT, color: TEXT },
    legend: {
      show: chart.nodeKinds.length > 1,
      bottom: 0,
      itemHeight: 9,
      itemWidth: 9,
      itemGap: 24,
      textStyle: { color: TEXT, fontFamily: FONT },
      data: [...chart.nodeKinds],
    },
    series: [
      {
        type: 'graph',
        layout: 'none',
        left: 24,
        right: 48,
        top: 14,
        bottom: chart.nodeKinds.length > 1 ? 46 : 18,
        categories: chart.nodeKinds.map((name, kind) => ({
          name,
          itemStyle: { color: colour(kind) },
          symbol: kind === 0 ? 'circle' : 'roundRect',
        })),
        label: {
          position: 'right',
          distance: 3,
          fontSize: 10,
          fontFamily: FONT,
          color: TEXT,
          // Else lines would run through the names.
          textBorderColor: PAPER,
          textBorderWidth: 3,
        },
        data: chart.nodes.map(({ name, kind }, i) => ({
          id: String(i),
          name,
          category: kind,
          symbolSize: 8 + 3 * Math.min(4, Math.sqrt(links[i] ?? 0)),
          x: (places[i]?.x ?? 0) * width,
          y: (places[i]?.y ?? 0) * height,
          label: { show: (links[i] ?? 0) > least },
        })),
        links: chart.links.map(({ from, to, line }) => ({
          source: String(from),
          target: String(to),
          lineStyle: {
            color: LINK,
            width: line === 'solid' ? 1.2 : 1.6,
            type: line === 'dashed' ? 'dashed' : 'solid',
            opacity: 1,
          },
          symbol: line === 'arrow' ? ['none', 'arrow'] : ['none', 'none'],
          symbolSize: 7,
        })),
      },
    ],
  });
}

/** What a custom series draws by: the part of echarts' interface that is used here. */
interface SpanDrawing {
  value(dimension: number): number;
  coord(point: readonly [x: number, y: number]): readonly [x: number, y: number];
  size(extent: readonly [x: number, y: number]): readonly [width: number, height: number];
  visual(name: 'color'): string;
}

const SPAN_SHARE = 0.62;
const LEAST_SPAN_WIDTH = 1.5;

function drawSpan(_: unknown, drawing: SpanDrawing) {
  const row = drawing.value(0);
  const [from, y] = drawing.coord([drawing.value(1), row]);
  const [to] = drawing.coord([drawing.value(2), row]);
  const height = drawing.size([0, 1])[1] * SPAN_SHARE;
  const width = Math.max(LEAST_SPAN_WIDTH, to - from);
  return {
    type: 'rect',
    shape: { x: from, y: y - height / 2, width, height },
    style: { fill: drawing.visual('color') },
  };
}

function rowFrame(chart: Parameters<typeof frame>[0]): EChartsCoreOption {
  const { grid, ...rest } = frame(chart);
  return { ...rest, grid: { ...(grid as object), left: ROOM_FOR_NAMES } };
}

/** Names from top to bottom. */
function categoryAxis(names: readonly string[]) {
  return {
    type: 'category',
    data: [...names],
    inverse: true,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: RULE } },
    axisLabel: { color: TEXT, fontFamily: FONT },
  };
}

function pointChart(
  chart: PointChart,
  seriesOption: (series: PointSeries, index: number) => object,
): Html {
  return draw(chart, {
    ...frame(chart),
    xAxis: {
      ...valueAxis(chart.xRange),
      ...axisName(chart.xLabel, 'middle'),
      ...(chart.xLogarithmic ? { type: 'log' } : {}),
    },
    yAxis: { ...valueAxis(chart.yRange), ...axisName(chart.yLabel, 'end') },
    series: chart.series.map(seriesOption),
  });
}

function frame(
  chart: Pick<ChartFrame, 'xLabel' | 'yLabel'> & { readonly series: readonly unknown[] },
): EChartsCoreOption {
  return {
    animation: false,
    color: [...PALETTE],
    textStyle: { fontFamily: FONT, color: TEXT },
    legend: {
      show: chart.series.length > 1,
      bottom: 0,
      icon: 'roundRect',
      itemHeight: 4,
      itemGap: 24,
      textStyle: { color: TEXT, fontFamily: FONT },
    },
    grid: {
      left: 12,
      right: 20,
      top: chart.yLabel === undefined ? 12 : 34,
      bottom: (chart.series.length > 1 ? 30 : 6) + (chart.xLabel === undefined ? 0 : 22),
      containLabel: true,
    },
  };
}

function valueAxis(range?: readonly [number, number], fromZero = false) {
  return {
    type: 'value',
    scale: !fromZero,
    ...(range === undefined ? {} : { min: range[0], max: range[1] }),
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { color: TEXT, fontFamily: FONT, hideOverlap: true },
    splitLine: { lineStyle: { color: RULE, width: 1 } },
  };
}

function axisName(name: string | undefined, nameLocation: 'middle' | 'end') {
  if (name === undefined) return {};
  const align = nameLocation === 'end' ? { align: 'left' as const } : {};
  const nameGap = nameLocation === 'end' ? 14 : 28;
  const nameTextStyle = { color: TEXT, fontFamily: FONT, ...align };
  return { name, nameLocation, nameGap, nameTextStyle };
}

function colour(index: number): string {
  return PALETTE[index % PALETTE.length] ?? PALETTE[0];
}

/** Drawn in memory, as text: no browser, no window. */
function draw(chart: ChartFrame, option: EChartsCoreOption): Html {
  const size = { width: chart.width ?? 560, height: chart.height ?? 320 };
  const drawing = echarts.init(null, null, { renderer: 'svg', ssr: true, ...size });
  try {
    drawing.setOption(option);
    const svg = drawing
      .renderToSVGString()
      .replace('<svg ', () => `<svg role="img" aria-label="${escapeHtml(chart.title)}" `);
    return figure(svg, chart.title, chart.note);
  } finally {
    // A drawing that is not disposed of keeps the process alive.
    drawing.dispose();
  }
}
