package dev.understudy.proxy.gateway;

import static dev.understudy.testing.TestRoutes.part;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class OfflineRouteTrialTest {
  @Test
  void routes_can_be_checked_without_opening_a_port() {
    try (OfflineRouteTrial offline = OfflineRouteTrial.open()) {
      RouteTrial trial = offline.trial();
      assertThat(trial.checkFilter(part("RedirectToHttps=301"))).isEmpty();
      assertThat(trial.checkFilter(part("RedirectToHttps=1"))).isPresent();
      assertThat(trial.checkPredicate(part("Host=a.test"))).isEmpty();
      assertThat(trial.filterNames()).contains("RewritePath");
    }
  }

  @Test
  void exactly_the_routes_that_can_be_served_can_be_checked() {
    try (OfflineRouteTrial offline = OfflineRouteTrial.open();
        LaneApp app = LaneApp.start()) {
      RouteTrial serving = app.context.getBean(RouteTrial.class);
      assertThat(offline.trial().filterNames()).isEqualTo(serving.filterNames());
      assertThat(offline.trial().predicateNames()).isEqualTo(serving.predicateNames());
      assertThat(
              List.of("StripPrefix=x", "Deny=1", "Retry=x", "RequestSize=x", "AddRequestHeader=X"))
          .allSatisfy(
              each ->
                  assertThat(offline.trial().checkFilter(part(each)))
                      .isEqualTo(serving.checkFilter(part(each))));
      assertThat(
              List.of("After=x", "Path={a", "RemoteAddr=1.2.3.4/99", "Weight=g,x", "Between=a,b"))
          .allSatisfy(
              each ->
                  assertThat(offline.trial().checkPredicate(part(each)))
                      .isEqualTo(serving.checkPredicate(part(each))));
    }
  }
}
