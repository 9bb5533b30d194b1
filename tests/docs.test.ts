import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { parseProject } from '../formats/project.ts';
import { parsePersona } from '../formats/persona.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const pages = ['README.md', 'AGENTS.md'];
for await (const page of glob('docs/*.md', { cwd: ROOT })) pages.push(page);

/** What the fragments leave out. */
const REST: Readonly<Record<string, string>> = {
  project: 'project: shop',
  repositories:
    'repositories: { api: { url: acme/api, checks: { unit: npm test } }, web: { url: acme/web, start: npm start } }',
  agent: 'agent: claude',
};

interface Example {
  readonly name: string;
  readonly text: string;
}

/** The blocks of a language that a page shows, without their indentation. */
function blocks(page: string, language: string): readonly Example[] {
  const text = readFileSync(path.join(ROOT, page), 'utf8');
  return [...text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\`$`, 'gms'))].map(
    ([, indent = '', block = ''], index) => ({
      name: `${page}, block ${index + 1}`,
      text: block
        .split('\n')
        .map((line) => line.slice(indent.length))
        .join('\n'),
    }),
  );
}

const keysOf = (text: string): readonly string[] => [...text.matchAll(/^(\w+):/gm)].map(([, key = '']) => key);

// A script of the scripted agent is no project file.
const examples = pages
  .flatMap((page) => blocks(page, 'yaml'))
  .filter(({ text }) => !keysOf(text).includes('attempts'))
  .map(({ name, text }): Example => {
    const missing = Object.entries(REST).filter(([key]) => !keysOf(text).includes(key));
    return { name, text: [...missing.map(([, line]) => line), text].join('\n') };
  });

test('the pages show project files', () => {
  expect(examples.length).toBeGreaterThan(10);
});

test.each(examples)('the project file of $name is valid', ({ text }) => {
  const project = parseProject({ text, name: 'spec-to-pr.yaml', directory: '/project' });
  expect(project.repositories.map(({ key }) => key)).toContain('api');
});

test('the persona that is shown is valid', () => {
  const [persona] = blocks('docs/personas.md', 'markdown');
  const text = persona?.text ?? '';
  expect(parsePersona({ text, name: 'careful', file: 'careful.md' }).name).toBe('careful');
});

test.each(pages)('what %s links to is there', (page) => {
  const text = readFileSync(path.join(ROOT, page), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
  const broken = links.filter(([, file = '', anchor]) => {
    const target = file === '' ? path.join(ROOT, page) : path.join(ROOT, path.dirname(page), file);
    return !hasAnchor(target, anchor);
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});

/** Whether the file is there and has a heading that GitHub gives this anchor. */
function hasAnchor(file: string, anchor: string | undefined): boolean {
  try {
    const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );
    return anchor === undefined || headings.includes(anchor);
  } catch {
    return false;
  }
}
