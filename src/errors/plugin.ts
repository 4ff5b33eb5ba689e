import { errorTable } from './definition.ts';

/** Errors of plugins: how they are found, loaded and defined, and what they do wrong at work. */
export const pluginErrors = errorTable({
  PLUGINS_NOT_LOADED: {
    message:
      'the file names plugins, and they have not been loaded: call loadPipelineWithPlugins, which does that before it checks the file',
    domain: 'user',
    retry: 'never',
  },
  PLUGIN_NOT_FOUND: { message: 'looking for the plugin {name}: {reason}', domain: 'user', retry: 'never' },
  PLUGIN_NOT_LOADED: { message: 'loading the plugin {name}: {reason}', domain: 'user', retry: 'never' },
  PLUGIN_EMPTY: {
    message:
      'the plugin {name} defines nothing: it exports {exports}; export what defineProcessor, defineStep, defineFunction, defineParser, defineSource or defineSink returns',
    domain: 'user',
    retry: 'never',
  },
  PLUGIN_CLASH: {
    message: 'the plugin {name} defines the {what}, and {other}; give it another name',
    domain: 'user',
    retry: 'never',
  },
  PLUGIN_DEFINITION: { message: 'defining the {kind} {name}: {reason}', domain: 'user', retry: 'never' },
  PLUGIN_THREW: { message: 'the plugin {plugin} threw: {reason}', domain: 'user', retry: 'never' },
  PLUGIN_FAULT: { message: '{reason} (the plugin {plugin})', domain: 'user', retry: 'never' },
  PLUGIN_OUTPUT: { message: 'taking what the plugin {plugin} gives: {reason}', domain: 'user', retry: 'never' },
  PLUGIN_REJECTED: { message: '{reason}', domain: 'user', retry: 'never' },
  PLUGIN_TOO_LONG: {
    message: 'waiting for the plugin {plugin}: {what} has not come to an end within {seconds} s ("timeout")',
    domain: 'user',
    retry: 'never',
  },
  PLUGIN_METRIC: { message: 'making the {kind} {name}: {reason}', domain: 'user', retry: 'never' },
  PLUGIN_CALL: { message: 'calling {name} of the plugin {plugin}: {reason}', domain: 'user', retry: 'never' },
  PLUGIN_CONNECTOR: { message: 'running the {kind} {type} of the plugin {plugin}: {reason}', domain: 'user', retry: 'backoff' },
});
