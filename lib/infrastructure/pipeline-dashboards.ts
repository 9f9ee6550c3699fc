import { Duration, Stack } from 'aws-cdk-lib';
import { type Alarm, Dashboard, type IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { dutyDashboard } from './duty-dashboard.ts';
import { operatorsDashboard } from './operators-dashboard.ts';
import { platformDashboard } from './platform-dashboard.ts';
import type { WatchedPipeline } from './watched-pipeline.ts';

export interface PipelineDashboardsProps {
  readonly watched: WatchedPipeline;
  readonly alarms: readonly Alarm[];
}

/** A dashboard for each of those who look: named `<stack>-operators`, `<stack>-duty` and `<stack>-platform`. */
export class PipelineDashboards extends Construct {
  constructor(scope: Construct, id: string, props: PipelineDashboardsProps) {
    super(scope, id);
    const { alarms, watched } = props;
    const create = (name: string, widgets: IWidget[][]) =>
      new Dashboard(this, name, {
        dashboardName: `${Stack.of(this).stackName}-${name}`,
        defaultInterval: Duration.hours(3),
        widgets,
      });
    create('operators', operatorsDashboard(watched));
    create('duty', dutyDashboard(watched));
    create('platform', platformDashboard(watched, alarms));
  }
}
