import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Argument, Option } from 'commander';
import { commandsPage } from './commands-page.ts';

const PAGE = commandsPage(
  [
    {
      ...{ name: 'set image', group: 'Decide', summary: 'Set *=IMAGE, as `<this>` does.', aliases: ['si'] },
      description: ['More of it.'],
      arguments: [new Argument('<name...>', 'canaries'), new Argument('[how]', 'how').choices(['a', 'b'])],
      options: [
        new Option('--dry-run <how>', 'nothing | all').choices(['none', 'client']).default('none'),
        new Option('--all', 'everything').default(false),
        new Option('--secret').hideHelp(),
      ],
      examples: [{ what: 'Set it', command: 'kubectl canary set image a *=b' }],
      load: () => Promise.reject(new Error('not asked for')),
    },
  ],
  [new Option('-n, --namespace <name>', 'where')],
);

describe('the page of the commands', () => {
  it('has how a command is typed, and its examples', () => {
    assert.match(
      PAGE,
      /\n## Decide\n\n### set image\n\n```text\nkubectl canary set image <name...> \[how\] \[options\]\n```\n/,
    );
    assert.match(PAGE, /\n```sh\n# Set it\nkubectl canary set image a \*=b\n```\n/);
    assert.ok(!PAGE.includes('## See'));
  });

  it('has what is to be known of arguments and options, but of those that are not shown', () => {
    assert.match(PAGE, /\n\| `\[how\]` \| how; one of `a`, `b` \|\n/);
    assert.match(PAGE, /\n\| `--dry-run <how>` \| nothing \\\| all; one of `none`, `client`; default `none` \|\n/);
    assert.match(PAGE, /\n\| `--all` \| everything \|\n/);
    assert.match(PAGE, /\n\| `-n, --namespace <name>` \| where \|\n$/);
    assert.ok(!PAGE.includes('secret'));
  });

  it('leaves no text to be taken for emphasis or tags', () => {
    assert.match(PAGE, /\nSet \\\*=IMAGE, as `<this>` does\.\n\nMore of it\.\n\nIt is also called `si`\.\n/);
  });
});
