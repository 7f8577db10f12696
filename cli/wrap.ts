/** Columns of a line of text at most. */
export const maxColumns = 100;

/** Breaks a text at its blanks into lines of at most so many columns; a word that is longer stays whole. */
export function wrap(text: string, columns: number = maxColumns): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && last.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}
