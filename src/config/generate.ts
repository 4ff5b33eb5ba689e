import { pipelineJsonSchema, testJsonSchema } from './json-schema.ts';
import type { Registry } from './load-context.ts';
import { connectorsPage, errorsPage, functionsPage, pipelinePage, settingsPage, stepsPage, testsPage } from './reference-docs.ts';

/**
 * Every file that is generated from definitions: its path in the package, and its content. `npm run generate` writes
 * them; a test fails when they are stale. `defaults`: the text of `config/default.yaml`.
 */
export function generateAll(registry: Registry, defaults: string): Map<string, string> {
  return new Map([
    ['config/schema/pipeline.schema.json', `${JSON.stringify(pipelineJsonSchema(registry), null, 2)}\n`],
    ['config/schema/test.schema.json', `${JSON.stringify(testJsonSchema(), null, 2)}\n`],
    ['docs/reference/tests.md', testsPage()],
    ['docs/reference/pipeline.md', pipelinePage()],
    ['docs/reference/steps.md', stepsPage(registry)],
    ['docs/reference/connectors.md', connectorsPage(registry)],
    ['docs/reference/functions.md', functionsPage()],
    ['docs/reference/settings.md', settingsPage(defaults)],
    ['docs/reference/errors.md', errorsPage()],
  ]);
}
