package config

// Minimal is the smallest configuration file with an App: what serve prints
// when there is none. It needs the environment variable LIVE_KEY.
const Minimal = `# Save as callboard.yaml, then: export LIVE_KEY=$(openssl rand -hex 32)
apps:
  - sdkappid: 1400000001 # any number from 1 to 4294967295
    key: ${LIVE_KEY} # signs UserSigs; the App backend needs it too
    callback:
      url: http://127.0.0.1:9000/callback # your App backend
      commands: [Live.CallbackAfterModifyAdmin]
`
