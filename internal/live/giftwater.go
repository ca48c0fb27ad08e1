package live

// GiftWater is what the App backend is asked about before a gift is given. Spec: callbacks 6.13.
type GiftWater struct {
	From Account
	To   []Account
	// Time is when it is asked, in Unix seconds.
	Time  int64
	Gift  string
	Count int64
	// Coins is the price of one.
	Coins int64
}
