package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.VerdictLedger;

/** Translates one section, or a part of it. */
abstract class SectionTranslation {
  final ImportContext context;
  final ProxySection proxy;
  final VerdictLedger ledger;

  SectionTranslation(ProxySection proxy) {
    context = proxy.context;
    this.proxy = proxy;
    ledger = context.ledger;
  }
}
