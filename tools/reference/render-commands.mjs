// The commands of `puffo-agent` as Markdown, from the table that its parser and its help use.

/** One line each. */
export function renderCommandList(commands) {
  return ['| Command | Does |', '|---|---|', ...commands.map((each) => `| \`${callOf(each)}\` | ${each.summary} |`)];
}

/** Usage, arguments and options of each. */
export function renderCommandDetails(commands, usageText) {
  return commands
    .flatMap((command) => [
      `### ${command.name}`,
      '',
      startSentence(command.summary),
      '',
      '```',
      usageText(command.name),
      '```',
      '',
      ...renderParts(command),
    ])
    .slice(0, -1);
}

function renderParts({ arguments: expected = [], options = [] }) {
  const rows = [
    ...expected.map(({ name, help }) => `| \`${name}\` | ${help} |`),
    ...options.map((option) => `| \`${nameOption(option)}\` | ${describeOption(option)} |`),
  ];
  return rows.length === 0 ? [] : ['| Part | Meaning |', '|---|---|', ...rows, ''];
}

function callOf({ name, arguments: expected = [], options = [] }) {
  const needed = options.filter(({ isRequired }) => isRequired === true).map((option) => nameOption(option));
  return ['puffo-agent', name, ...needed, ...expected.map((each) => each.name.toUpperCase())].join(' ');
}

function nameOption({ flag, short, kind }) {
  const name = short === undefined ? `--${flag}` : `-${short}, --${flag}`;
  return kind === 'switch' ? name : `${name} ${flag.replaceAll('-', '_').toUpperCase()}`;
}

function describeOption({ help, choices, isRequired }) {
  const needed = isRequired === true ? 'needed; ' : '';
  return choices === undefined ? needed + help : `${needed}${help}: ${choices.map((each) => `\`${each}\``).join(', ')}`;
}

function startSentence(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
