import { Command, Option } from 'commander';
import { CAMPAIGN_STAGES, type CampaignStage } from '../../lib/domain/campaign/campaign-run.ts';
import { addConnectionOptions, type ConnectionOptions } from '../connection-options.ts';
import {
  addJsonOption,
  addSessionOptions,
  type SessionOptions,
} from '../officers/session-options.ts';
import type { AnswerOptions } from '../terminal/print.ts';

/** Of commands that read a whole audience: they go to a function of the stack. */
export interface AudienceOptions extends ConnectionOptions, AnswerOptions {}

/** Of commands that start, stop or look at a campaign: they go to the officers' API. */
export interface CampaignOptions extends SessionOptions, AnswerOptions {}

export interface StartCampaignOptions extends CampaignOptions {
  readonly stage: CampaignStage;
}

const actions = () => import('../actions/campaign.ts');

const EXAMPLES = `
Texts about a kind of fraud, to people who agreed to get them (docs/campaigns.md). A share of them, drawn by lot, gets
none: against them the effect is measured. To start, stop and resume, and to see how a campaign stands, log in: supervisors
may do it, and analysts look. Plan and effect read the whole audience, and need AWS credentials that may invoke a function.

Examples:
  $ forewarn campaign plan docs/examples/campaign.json
  $ forewarn campaign start docs/examples/campaign.json --stage first
  $ forewarn campaign status fake-orders-2026-11
  $ forewarn campaign start docs/examples/campaign.json --stage all
  $ forewarn campaign effect fake-orders-2026-11
`;

const ofAudience = (command: Command): Command =>
  addConnectionOptions(command).option('--json', 'print as JSON');
const ofOfficer = (command: Command): Command => addJsonOption(addSessionOptions(command));

/** `forewarn campaign`. */
export function campaignCommand(exitWith: (code: number) => void): Command {
  const plan = ofAudience(new Command('plan'))
    .description('Say whom a campaign would text, whom not and why, and what it costs; text nobody')
    .argument('<file>', 'the campaign document (JSON)')
    .addHelpText('after', '\nExample:\n  $ forewarn campaign plan docs/examples/campaign.json\n')
    .action(async (file: string, options: AudienceOptions) =>
      exitWith(await (await actions()).planCampaign(file, options)),
    );
  const start = ofOfficer(new Command('start'))
    .description('Text the first stage, and when that is done and well, all')
    .argument('<file>', 'the campaign document (JSON)')
    .addOption(
      new Option('--stage <stage>', 'which stage').choices([...CAMPAIGN_STAGES]).default('first'),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ forewarn campaign start docs/examples/campaign.json\n  $ forewarn campaign start docs/examples/campaign.json --stage all\n',
    )
    .action(async (file: string, options: StartCampaignOptions) =>
      exitWith(await (await actions()).startCampaign(file, options)),
    );
  const status = ofOfficer(new Command('status'))
    .description('Say how a campaign stands, or list the latest')
    .argument('[id]', "the campaign's id")
    .addHelpText('after', '\nExample:\n  $ forewarn campaign status fake-orders-2026-11\n')
    .action(async (id: string | undefined, options: CampaignOptions) =>
      exitWith(await (await actions()).campaignStatus(id, options)),
    );
  const stop = ofOfficer(new Command('stop'))
    .description('Stop texting: nobody who is not being texted at this moment gets a text')
    .argument('<id>', "the campaign's id")
    .addHelpText('after', '\nExample:\n  $ forewarn campaign stop fake-orders-2026-11\n')
    .action(async (id: string, options: CampaignOptions) =>
      exitWith(await (await actions()).changeCampaign('stop', id, options)),
    );
  const resume = ofOfficer(new Command('resume'))
    .description('Go on with a stage that was stopped or failed, or has people left')
    .argument('<id>', "the campaign's id")
    .addHelpText('after', '\nExample:\n  $ forewarn campaign resume fake-orders-2026-11\n')
    .action(async (id: string, options: CampaignOptions) =>
      exitWith(await (await actions()).changeCampaign('resume', id, options)),
    );
  const effect = ofAudience(new Command('effect'))
    .description('Compare those who were to be texted with those who were held out')
    .argument('<id>', "the campaign's id")
    .addHelpText('after', '\nExample:\n  $ forewarn campaign effect fake-orders-2026-11\n')
    .action(async (id: string, options: AudienceOptions) =>
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
