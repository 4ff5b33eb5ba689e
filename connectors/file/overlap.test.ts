import { expect, it } from 'vitest';
import { excludesNothing } from './overlap.ts';

it.each([
  [['/var/log/nginx/access.log*'], '/etc/millrace/*.gz'],
  [['/var/log/*.log*'], '/var/log/old/*.gz'],
  [['/var/log/app.log', '/srv/{a,b}/app.log'], '/srv/c/*'],
  [['/var/log/app-*.log'], '/var/log/other.log'],
])('%j meets nothing of %s', (include, exclude) => {
  expect(excludesNothing(include, ['/**/*.tmp', exclude])).toEqual([1]);
});

it.each([
  [['/var/log/nginx/access.log*'], '/**/*.gz'],
  [['/var/log/nginx/access.log*'], '/var/log/nginx/*.gz'],
  [['/var/**/*.log'], '/var/log/old/*'],
  [['/var/log/*/app.log'], '/var/log/old/**'],
  [['/srv/a.log', '/srv/{a,b}/app.log'], '/srv/b/*'],
  [['/var/log/app-*.log'], '/var/log/app-debug.log'],
])('%j may meet %s', (include, exclude) => {
  expect(excludesNothing(include, [exclude])).toEqual([]);
});
