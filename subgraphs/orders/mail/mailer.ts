export interface Mail {
  /** The same whenever the same mail is sent again, so that the receiver's side can tell. Without angle brackets. */
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Sends at least once: a mail whose acknowledgement was lost is sent again under the same Message-ID. */
export interface Mailer {
  /** For logs: where mail goes, without credentials. */
  readonly description: string;
  /** Resolves once somebody else has taken it on. Fails with `PermanentFailure` when nobody ever will. */
  send(mail: Mail): Promise<void>;
  close(): Promise<void>;
}
