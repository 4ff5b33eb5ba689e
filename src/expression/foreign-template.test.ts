import { describe, expect, it } from 'vitest';
import { foreignFields } from './foreign-template.ts';

const messages = (text: string): string[] => foreignFields(text).map(({ message }) => message);

describe('foreignFields', () => {
  it.each([
    ['%{host}', '{{ host }}'],
    ['%{[log][level]}', '{{ log.level }}'],
    ['%{[@metadata][index]}', "{{ $value['@metadata']['index'] }}"],
    ['{host}', '{{ host }}'],
    ['$.host.name', '{{ host.name }}'],
    ['{user-agent}', undefined],
  ])('%s', (text, instead) => {
    expect(messages(text)).toEqual(instead === undefined ? [] : [`${text} is taken as it stands here; the field is ${instead}`]);
  });

  it('finds each of several, where it stands, beside what is one', () => {
    const found = foreignFields('{{ a }}-%{b}-%{c}');
    expect(found.map(({ offset, length, severity }) => [offset, length, severity])).toEqual([
      [8, 4, 'warning'],
      [13, 4, 'warning'],
    ]);
  });

  it.each(['/orders/{id}', '50%', '100 %{', '${name}', '$5', '$.', '{}', '{ host }', '%{+YYYY.MM}', 'a.{b}.c', '\\{{ host }}'])(
    'leaves %s alone',
    (text) => expect(foreignFields(text)).toEqual([]),
  );
});
