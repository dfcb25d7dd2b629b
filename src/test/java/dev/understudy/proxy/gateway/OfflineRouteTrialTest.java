package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;

class OfflineRouteTrialTest {
  @Test
  void routes_can_be_checked_without_opening_a_port() {
    try (OfflineRouteTrial offline = OfflineRouteTrial.open()) {
      RouteTrial trial = offline.trial();
      assertThat(trial.checkFilter(new FilterDefinition("RedirectToHttps=301"))).isEmpty();
      assertThat(trial.checkFilter(new FilterDefinition("RedirectToHttps=1"))).isPresent();
      assertThat(trial.checkPredicate(new PredicateDefinition("Host=a.test"))).isEmpty();
      assertThat(trial.filterNames()).contains("RewritePath");
    }
  }
}
