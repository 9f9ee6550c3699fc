import type { AwsRequest } from '../gateway/aws-request.ts';
import type { Permission } from '../gateway/aws-service.ts';

/** What IAM must grant for a path-style S3 request, by its method and sub-resource. */
export function s3Permissions(
  request: Pick<AwsRequest, 'method' | 'url' | 'headers'> & Partial<Pick<AwsRequest, 'body'>>,
  partition: string,
): Permission[] {
  const url = new URL(request.url, 'http://localhost');
  const [, bucket = '', ...rest] = url.pathname.split('/').map(decodeURIComponent);
  const key = rest.join('/');
  if (bucket === '') return [{ action: 's3:ListAllMyBuckets', resource: '*' }];
  const bucketArn = `arn:${partition}:s3:::${bucket}`;
  if (key === '') {
    if (request.method === 'PUT') return [{ action: 's3:CreateBucket', resource: bucketArn }];
    if (request.method === 'DELETE') return [{ action: 's3:DeleteBucket', resource: bucketArn }];
    if (request.method === 'POST' && url.searchParams.has('delete')) {
      const keys = keysIn(request.body?.toString('utf8') ?? '');
      return keys.map((name) => ({ action: 's3:DeleteObject', resource: `${bucketArn}/${name}` }));
    }
    const prefix = url.searchParams.get('prefix');
    return [
      {
        action: 's3:ListBucket',
        resource: bucketArn,
        ...(prefix === null ? {} : { context: { 's3:prefix': prefix } }),
      },
    ];
  }
  const objectArn = `${bucketArn}/${key}`;
  if (request.method === 'GET' || request.method === 'HEAD') {
    return [{ action: 's3:GetObject', resource: objectArn }];
  }
  if (request.method === 'DELETE') {
    const action = url.searchParams.has('uploadId') ? 's3:AbortMultipartUpload' : 's3:DeleteObject';
    return [{ action, resource: objectArn }];
  }
  const permissions = [{ action: 's3:PutObject', resource: objectArn }];
  const source = request.headers['x-amz-copy-source'];
  if (typeof source === 'string') {
    const path = decodeURIComponent(source).replace(/^\//, '').split('?')[0];
    permissions.push({ action: 's3:GetObject', resource: `arn:${partition}:s3:::${path}` });
  }
  return permissions;
}

const entities: Record<string, string> = { amp: '&', apos: "'", gt: '>', lt: '<', quot: '"' };

/** The keys that a request to delete many objects names; every object when it names none. */
function keysIn(document: string): string[] {
  const keys = [...document.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, text = '']) =>
    text.replaceAll(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole),
  );
  return keys.length === 0 ? ['*'] : keys;
}
