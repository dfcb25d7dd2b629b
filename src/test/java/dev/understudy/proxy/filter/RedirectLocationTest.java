package dev.understudy.proxy.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.Template;
import dev.understudy.condition.TestFacts;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where {@code Redirect} leads, whatever a client puts into its values. */
class RedirectLocationTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "refused",
      textBlock =
          """
          https://www.example.com{target} | /a?b=c                    | https://www.example.com/a?b=c
          https://{host}:8443{target}     | /a                        | https://a.example.com:8080:8443/a
          {scheme}://{host}{path}         | /a                        | http://a.example.com:8080/a
          {target}                        | //evil.test/x             | /evil.test/x
          https://www.{host}{target}      | /a                        | https://www.a.example.com:8080/a
          https://{host-name}:8443{path}  | /a                        | https://a.example.com:8443/a
          //www.example.com{target}       | /a                        | //www.example.com/a
          //{query.next}                  | /?next=evil.test          | /evil.test
          https://{query.next}.a.b/       | /?next=evil.test/         | refused
          https://a.b@{query.next}/       | /?next=evil.test          | /https://a.b@evil.test/
          {query.next}                    | /?next=https://evil.test/ | /https://evil.test/
          {query.next}                    | /?next=/ok                | /ok
          /{query.next}                   | /?next=/evil.test         | refused
          /{query.next}                   | /?next=ok                 | /ok
          /login?from={path}              | /a                        | /login?from=/a
          login?from={path}               | /a                        | login?from=/a
          https:{query.next}              | /?next=//evil.test        | refused
          """)
  void without_a_written_origin_it_stays_on_its_host(String text, String target, String expected)
      throws ExpressionException {
    TestFacts facts = new TestFacts();
    facts.target = target;
    Redirect redirect = new Redirect(302, Template.parse(text, Set.of()));
    assertThat(redirect.location(facts)).isEqualTo(expected);
  }
}
