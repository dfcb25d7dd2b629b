package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;

class OfflineRouteCheckerTest {
  @Test
  void routes_can_be_checked_without_opening_a_port() {
    try (OfflineRouteChecker offline = OfflineRouteChecker.open()) {
      RouteChecker checker = offline.checker();
      assertThat(checker.checkFilter(new FilterDefinition("RedirectToHttps=301"))).isEmpty();
      assertThat(checker.checkFilter(new FilterDefinition("RedirectToHttps=1"))).isPresent();
      assertThat(checker.checkPredicate(new PredicateDefinition("Host=a.test"))).isEmpty();
      assertThat(checker.filterNames()).contains("RewritePath");
    }
  }
}
