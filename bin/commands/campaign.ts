import { Command, Option } from 'commander';
import { CAMPAIGN_STAGES, type CampaignStage } from '../../lib/domain/campaign/campaign-run.ts';
import { addConnectionOptions, type ConnectionOptions } from '../connection-options.ts';

export interface CampaignOptions extends ConnectionOptions {
  readonly json?: true;
}

export interface ChangeOptions extends CampaignOptions {
  readonly by?: string;
}

export interface StartCampaignOptions extends ChangeOptions {
  readonly stage: CampaignStage;
}

const actions = () => import('../actions/campaign.ts');

const EXAMPLES = `
Texts about a kind of fraud, to people who agreed to get them (docs/campaigns.md). A share of them, drawn by lot, gets
none: against them the effect is measured. All commands go to functions of the stack, and need AWS credentials that may
invoke them.

Examples:
  $ forewarn campaign plan docs/examples/campaign.json
  $ forewarn campaign start docs/examples/campaign.json --stage first
  $ forewarn campaign status fake-orders-2026-11
  $ forewarn campaign start docs/examples/campaign.json --stage all
  $ forewarn campaign effect fake-orders-2026-11
`;

const json = (command: Command): Command =>
  addConnectionOptions(command).option('--json', 'print as JSON');
const withName = (command: Command): Command =>
  json(command).option('--by <name>', 'who does it (default: the user of this machine)');

/** `forewarn campaign`. */
export function campaignCommand(exitWith: (code: number) => void): Command {
  const plan = json(new Command('plan'))
    .description('Say whom a campaign would text, whom not and why, and what it costs; text nobody')
    .argument('<file>', 'the campaign document (JSON)')
    .addHelpText('after', '\nExample:\n  $ forewarn campaign plan docs/examples/campaign.json\n')
    .action(async (file: string, options: CampaignOptions) =>
      exitWith(await (await actions()).planCampaign(file, options)),
    );
  const start = withName(new Command('start'))
    .description('Text the first stage, and when that is done and well, all')
    .argument('<file>', 'the campaign document (JSON)')
    .addOption(
      new Option('--stage <stage>', 'which stage').choices([...CAMPAIGN_STAGES]).default('first'),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ forewarn campaign start docs/examples/campaign.json\n  $ forewarn campaign start docs/examples/campaign.json --stage all --by "Li Na"\n',
    )
    .action(async (file: string, options: StartCampaignOptions) =>
      exitWith(await (await actions()).startCampaign(file, options)),
    );
  const status = json(new Command('status'))
    .description('Say how a campaign stands, or list the latest')
    .argument('[id]', "the campaign's id")
    .addHelpText('after', '\nExample:\n  $ forewarn campaign status fake-orders-2026-11\n')
    .action(async (id: string | undefined, options: CampaignOptions) =>
      exitWith(await (await actions()).campaignStatus(id, options)),
    );
  const stop = withName(new Command('stop'))
    .description('Stop texting: nobody who is not being texted at this moment gets a text')
    .argument('<id>', "the campaign's id")
    .addHelpText('after', '\nExample:\n  $ forewarn campaign stop fake-orders-2026-11\n')
    .action(async (id: string, options: ChangeOptions) =>
      exitWith(await (await actions()).changeCampaign('stop', id, options)),
    );
  const resume = withName(new Command('resume'))
    .description('Go on with a stage that was stopped or failed, or has people left')
    .argument('<id>', "the campaign's id")
    .addHelpText('after', '\nExample:\n  $ forewarn campaign resume fake-orders-2026-11\n')
    .action(async (id: string, options: ChangeOptions) =>
      exitWith(await (await actions()).changeCampaign('resume', id, options)),
    );
  const effect = json(new Command('effect'))
    .description('Compare those who were to be texted with those who were held out')
    .argument('<id>', "the campaign's id")
    .addHelpText('after', '\nExample:\n  $ forewarn campaign effect fake-orders-2026-11\n')
    .action(async (id: string, options: CampaignOptions) =>
      exitWith(await (await actions()).campaignEffect(id, options)),
    );
  return new Command('campaign')
    .description(
      'Tell people of a kind of fraud before it reaches them, and measure whether it helped',
    )
    .addHelpText('after', EXAMPLES)
    .addCommand(plan)
    .addCommand(start)
    .addCommand(status)
    .addCommand(stop)
    .addCommand(resume)
    .addCommand(effect);
}
