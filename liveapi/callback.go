package liveapi

import "context"

// CallbackConfig is the callback configuration of an App: the body of set_callback and update_callback and the payload
// of get_callback. Spec: callbacks 5.2.
type CallbackConfig struct {
	// URL begins with http:// or https://, has at most 2,048 bytes and neither blanks nor a fragment.
	URL string `json:"Url"`
	// CallbackCommandList names what is called back, at most 200 command words; all others are off.
	CallbackCommandList []string `json:"CallbackCommandList"`
}

// filled sends an empty list as [], which the field takes, and not as null, which counts as missing.
func (c CallbackConfig) filled() CallbackConfig {
	if c.CallbackCommandList == nil {
		c.CallbackCommandList = []string{}
	}
	return c
}

// SetCallback configures callbacks for the first time; [CodeCallbackExists] when they are configured.
func (c *Client) SetCallback(ctx context.Context, config CallbackConfig) error {
	return c.call(ctx, ServiceConfig, "set_callback", config.filled(), nil)
}

// UpdateCallback replaces the configuration, list and all; [CodeCallbackNotFound] when there is none.
func (c *Client) UpdateCallback(ctx context.Context, config CallbackConfig) error {
	return c.call(ctx, ServiceConfig, "update_callback", config.filled(), nil)
}

// GetCallback returns the configuration; [CodeCallbackNotFound] when there is none.
func (c *Client) GetCallback(ctx context.Context) (CallbackConfig, error) {
	var answer CallbackConfig
	err := c.call(ctx, ServiceConfig, "get_callback", struct{}{}, &answer)
	return answer, err
}

// DeleteCallback ends callbacks: those that are not delivered yet are discarded. It succeeds when there are none.
func (c *Client) DeleteCallback(ctx context.Context) error {
	return c.call(ctx, ServiceConfig, "delete_callback", struct{}{}, nil)
}

// SetCallbackTokenRequest is the body of set_callback_token: both fields the first time, later what changes.
// Spec: callbacks 5.2.
type SetCallbackTokenRequest struct {
	// Token signs callbacks; 1 to 128 characters.
	Token         *string `json:"Token,omitempty"`
	IsTokenEnable *bool   `json:"IsTokenEnable,omitempty"`
}

// CallbackToken is the payload of get_callback_token, with the token in clear as documented. Spec: callbacks 5.2.
type CallbackToken struct {
	Token         string `json:"Token"`
	IsTokenEnable bool   `json:"IsTokenEnable"`
}

// SetCallbackToken configures whether and with what callbacks are signed.
func (c *Client) SetCallbackToken(ctx context.Context, request SetCallbackTokenRequest) error {
	return c.call(ctx, ServiceConfig, "set_callback_token", request, nil)
}

// GetCallbackToken returns the token; [CodeCallbackTokenNotFound] when none is configured.
func (c *Client) GetCallbackToken(ctx context.Context) (CallbackToken, error) {
	var answer CallbackToken
	err := c.call(ctx, ServiceConfig, "get_callback_token", struct{}{}, &answer)
	return answer, err
}
