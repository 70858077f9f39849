//! Well-formed Dockerfiles that other tests read, too.

/// Like the files of Rails 7.1 to 8.1 and their extensions, and some that use everything.
pub(crate) const SAMPLES: &[&str] = &[
    RAILS_7_1,
    RAILS_8_0,
    RAILS_8_1,
    NODE,
    HEREDOCS,
    WINDOWS,
    KITCHEN_SINK,
];

const RAILS_7_1: &str = r#"# syntax = docker/dockerfile:1

# The Ruby version is that of .ruby-version and Gemfile
ARG RUBY_VERSION=3.2.2
FROM registry.docker.com/library/ruby:$RUBY_VERSION-slim as base

# The application lives here
WORKDIR /rails

ENV RAILS_ENV="production" \
    BUNDLE_DEPLOYMENT="1" \
    BUNDLE_PATH="/usr/local/bundle" \
    BUNDLE_WITHOUT="development"


# Throw-away stage
FROM base as build

RUN apt-get update -qq && \
    apt-get install --no-install-recommends -y build-essential git libpq-dev libvips pkg-config

COPY Gemfile Gemfile.lock ./
RUN bundle install && \
    rm -rf ~/.bundle/ "${BUNDLE_PATH}"/ruby/*/cache "${BUNDLE_PATH}"/ruby/*/bundler/gems/*/.git && \
    bundle exec bootsnap precompile --gemfile

COPY . .
RUN bundle exec bootsnap precompile app/ lib/
RUN SECRET_KEY_BASE_DUMMY=1 ./bin/rails assets:precompile

FROM base
RUN apt-get update -qq && \
    apt-get install --no-install-recommends -y curl libvips postgresql-client && \
    rm -rf /var/lib/apt/lists /var/cache/apt/archives
COPY --from=build /usr/local/bundle /usr/local/bundle
COPY --from=build /rails /rails
RUN useradd rails --create-home --shell /bin/bash && \
    chown -R rails:rails db log storage tmp
USER rails:rails
ENTRYPOINT ["/rails/bin/docker-entrypoint"]
EXPOSE 3000
CMD ["./bin/rails", "server"]
"#;

const RAILS_8_0: &str = r#"# syntax=docker/dockerfile:1
# check=error=true

# For production, not development:
# docker build -t shop .

ARG RUBY_VERSION=3.3.6
FROM docker.io/library/ruby:$RUBY_VERSION-slim AS base

WORKDIR /rails

RUN apt-get update -qq && \
    apt-get install --no-install-recommends -y curl libjemalloc2 libvips sqlite3 && \
    rm -rf /var/lib/apt/lists /var/cache/apt/archives

ENV RAILS_ENV="production" \
    BUNDLE_DEPLOYMENT="1" \
    BUNDLE_PATH="/usr/local/bundle" \
    BUNDLE_WITHOUT="development"

FROM base AS build
RUN apt-get update -qq && \
    apt-get install --no-install-recommends -y build-essential git pkg-config && \
    rm -rf /var/lib/apt/lists /var/cache/apt/archives
COPY Gemfile Gemfile.lock ./
RUN bundle install && \
    rm -rf ~/.bundle/ "${BUNDLE_PATH}"/ruby/*/cache && \
    bundle exec bootsnap precompile --gemfile
COPY . .
RUN bundle exec bootsnap precompile app/ lib/
RUN SECRET_KEY_BASE_DUMMY=1 ./bin/rails assets:precompile

FROM base
COPY --from=build "${BUNDLE_PATH}" "${BUNDLE_PATH}"
COPY --from=build /rails /rails
RUN groupadd --system --gid 1000 rails && \
    useradd rails --uid 1000 --gid 1000 --create-home --shell /bin/bash && \
    chown -R rails:rails db log storage tmp
USER 1000:1000
ENTRYPOINT ["/rails/bin/docker-entrypoint"]
EXPOSE 80
CMD ["./bin/thrust", "./bin/rails", "server"]
"#;

const RAILS_8_1: &str = r#"# syntax=docker/dockerfile:1
# check=error=true

ARG RUBY_VERSION=3.4.7
FROM docker.io/library/ruby:$RUBY_VERSION-slim AS base
WORKDIR /rails
RUN apt-get update -qq && \
    apt-get install --no-install-recommends -y curl libjemalloc2 libvips postgresql-client && \
    ln -s /usr/lib/$(uname -m)-linux-gnu/libjemalloc.so.2 /usr/local/lib/libjemalloc.so && \
    rm -rf /var/lib/apt/lists /var/cache/apt/archives
ENV RAILS_ENV="production" \
    BUNDLE_DEPLOYMENT="1" \
    BUNDLE_PATH="/usr/local/bundle" \
    BUNDLE_WITHOUT="development" \
    LD_PRELOAD="/usr/local/lib/libjemalloc.so"

FROM base AS build
RUN apt-get update -qq && \
    apt-get install --no-install-recommends -y build-essential git libpq-dev libyaml-dev pkg-config && \
    rm -rf /var/lib/apt/lists /var/cache/apt/archives
COPY vendor/* ./vendor/
COPY Gemfile Gemfile.lock ./
RUN bundle install && \
    rm -rf ~/.bundle/ "${BUNDLE_PATH}"/ruby/*/cache "${BUNDLE_PATH}"/ruby/*/bundler/gems/*/.git && \
    # -j 1 keeps QEMU from hanging
    bundle exec bootsnap precompile -j 1 --gemfile
COPY . .
RUN bundle exec bootsnap precompile -j 1 app/ lib/
RUN SECRET_KEY_BASE_DUMMY=1 ./bin/rails assets:precompile

FROM base
RUN groupadd --system --gid 1000 rails && \
    useradd rails --uid 1000 --gid 1000 --create-home --shell /bin/bash
USER 1000:1000
COPY --chown=rails:rails --from=build "${BUNDLE_PATH}" "${BUNDLE_PATH}"
COPY --chown=rails:rails --from=build /rails /rails
ENTRYPOINT ["/rails/bin/docker-entrypoint"]
EXPOSE 80
CMD ["./bin/thrust", "./bin/rails", "server"]
"#;

const NODE: &str = r#"FROM base AS build
ARG NODE_VERSION=22.11.0
ARG YARN_VERSION=latest
ENV PATH=/usr/local/node/bin:$PATH
RUN curl -sL https://github.com/nodenv/node-build/archive/master.tar.gz | tar xz -C /tmp/ && \
    /tmp/node-build-master/bin/node-build "${NODE_VERSION}" /usr/local/node && \
    rm -rf /tmp/node-build-master
RUN corepack enable && yarn set version $YARN_VERSION
RUN --mount=type=cache,id=apt,sharing=locked,target=/var/cache/apt \
    --mount=type=secret,id=RAILS_MASTER_KEY,env=RAILS_MASTER_KEY \
    apt-get update -qq && ./bin/rails assets:precompile
COPY --link package.json yarn.lock ./
RUN --network=none yarn install --immutable
"#;

const HEREDOCS: &str = r#"FROM alpine:3.22 AS tools

RUN <<EOF
set -e
# a comment of the shell
apk add --no-cache curl
EOF

RUN <<-'SCRIPT' bash
	echo "$HOME" \
	SCRIPT

RUN cat <<EOF > /srv/greeting
hello
FROM here
EOF

COPY <<robots.txt <<"humans.txt" /usr/share/
User-agent: *
robots.txt
Us
humans.txt

RUN --mount=type=cache,target=/root/.cache python3 <<EOF
print("hello")
EOF
RUN bash <<E && \
    # why
    echo done
echo 1
E
ONBUILD RUN <<EOF
echo later
EOF
CMD ["cat", "/srv/greeting"]
"#;

const WINDOWS: &str = "# escape=`\n\nFROM mcr.microsoft.com/windows/servercore:ltsc2022\nSHELL [\"powershell\", \"-Command\"]\nRUN dir `\n    C:\\temp\nWORKDIR C:\\app\nCOPY a.txt C:\\\nENV GOPATH=C:\\go PATH=\"C:\\b`\"c\"\n";

const KITCHEN_SINK: &str = r#"# syntax=docker/dockerfile:1
ARG BASE=debian:bookworm
from --platform=$BUILDPLATFORM ${BASE:-debian} as Builder
LABEL org.opencontainers.image.title="é title" \
      "quoted.key"='single quoted'
ENV KEY one two
ENV A=1 B="two words" C=three\ words D='$A' E=${A:-x}
RUN echo one \

    two \
  # comment é
    && echo three
ADD --checksum=sha256:0123 --chmod=0644 https://example.com/a.tar.gz /tmp/
ADD ["a b", "/c d/"]
VOLUME /data /more
EXPOSE 80/tcp 443
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=3s \
  CMD curl -f http://localhost/up || exit 1
ONBUILD COPY . /app
Shell ["/bin/bash", "-o", "pipefail", "-c"]
RUN ['single', 'quotes']
RUN [ -f /etc/passwd ] && echo $((1+2))
CMD [ "\u0041", "say \"hi\"" ]
MAINTAINER somebody <a@example.com>
ENTRYPOINT exec top -b
USER 1000
"#;
