import { Duration } from 'aws-cdk-lib';
import {
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
} from 'aws-cdk-lib/aws-cloudwatch';

/** Columns of a dashboard. */
export const FULL_WIDTH = 24;
/** What a point of a graph covers where nothing else is said. */
export const GRAPH_PERIOD = Duration.minutes(1);
const HEIGHT = 6;

/** Widgets side by side. */
export const row = (...widgets: IWidget[]): IWidget[] => widgets;

/** A graph of a third of the width, from zero on. */
export function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({
    title,
    left,
    width: FULL_WIDTH / 3,
    height: HEIGHT,
    leftYAxis: { min: 0 },
  });
}

/**
 * A line for each metric of a name that there is, whatever the values of its dimensions.
 *
 * @param schema namespace and dimension names
 * @param more further conditions of the search, such as `StreamName="calls"`
 */
export function everySeries(
  schema: string,
  metricName: string,
  statistic: string,
  more = '',
): MathExpression {
  const search = `{${schema}} MetricName="${metricName}"${more === '' ? '' : ` ${more}`}`;
  return new MathExpression({
    expression: `SEARCH('${search}', '${statistic}', ${GRAPH_PERIOD.toSeconds()})`,
    usingMetrics: {},
    label: '',
    period: GRAPH_PERIOD,
  });
}
