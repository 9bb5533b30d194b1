import { failsTwice } from '../support/two-failures.ts';
import { stageOfFile } from '../support/whole-runs.ts';

failsTwice(stageOfFile('evidence'), { by: 'by processes', changes: async () => ({}), seconds: 60 });
