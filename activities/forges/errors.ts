/** A person has closed the run's pull request: it is neither reopened nor doubled. Final. */
export class PullRequestClosed extends Error {
  override readonly name = 'PullRequestClosed';
}

/** The forge refuses to open or change the pull request, for the reason in the message. Final. */
export class PullRequestRefused extends Error {
  override readonly name = 'PullRequestRefused';
}
