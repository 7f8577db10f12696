import { Command } from 'commander';
import { jobsListCommand } from './jobs-list.js';
import { jobsRunCommand } from './jobs-run.js';

/** `bulkhead jobs`. */
export function jobsCommand(): Command {
  return new Command('jobs')
    .description('What runs by itself: schedules, runs, failures')
    .addCommand(jobsListCommand())
    .addCommand(jobsRunCommand());
}
