import type { JsonObject, JsonValue } from '../json-value.ts';

/** The parts of a CloudFormation template that the local cloud reads. */
export interface Template {
  Parameters?: Record<string, { Type: string; Default?: string }>;
  Mappings?: Record<string, Record<string, Record<string, JsonValue>>>;
  Conditions?: Record<string, JsonValue>;
  Resources: Record<string, TemplateResource>;
  Outputs?: Record<string, TemplateOutput>;
}

export interface TemplateResource {
  Type: string;
  Properties?: JsonObject;
  DependsOn?: string | string[];
  Condition?: string;
}

interface TemplateOutput {
  Value: JsonValue;
  Description?: string;
  Condition?: string;
  Export?: { Name: JsonValue };
}
