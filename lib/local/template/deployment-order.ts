import { LocalCloudError } from '../errors.ts';
import { referencedNames } from './intrinsics.ts';
import type { TemplateResource } from './template.ts';

/**
 * The logical ids in an order in which every resource comes after all that it refers to.
 *
 * @throws LocalCloudError `dependency-cycle`, naming the circle.
 */
export function deploymentOrder(resources: Record<string, TemplateResource>): string[] {
  const order: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (logicalId: string): void => {
    const resource = resources[logicalId];
    if (resource === undefined || done.has(logicalId)) return;
    if (path.includes(logicalId)) {
      const circle = [...path.slice(path.indexOf(logicalId)), logicalId].join(' -> ');
      throw new LocalCloudError('dependency-cycle', `Resources depend on each other: ${circle}`);
    }
    path.push(logicalId);
    for (const name of referencedNames(resource.Properties)) visit(name);
    for (const name of [resource.DependsOn ?? []].flat()) visit(name);
    path.pop();
    done.add(logicalId);
    order.push(logicalId);
  };
  for (const logicalId of Object.keys(resources)) visit(logicalId);
  return order;
}
